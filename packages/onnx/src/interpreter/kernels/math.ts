// Arithmetic and mathematical functions, element by element.

import { mapNumbers } from '../elementwise.js';
import type { Kernel } from '../kernel.js';

export const Exp: Kernel = mapNumbers(Math.exp);
