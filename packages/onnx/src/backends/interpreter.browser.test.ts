import { runtimeConformance } from '../testing/runtime-conformance.js';
import { interpreter } from './interpreter.js';

runtimeConformance('interpreter in a browser', { create: () => interpreter(), slowSide: 128, records: true });
