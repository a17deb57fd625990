import * as elementwise from './elementwise.js';
import * as layout from './layout.js';
import type { TfOperator } from './operator.js';
import * as reduction from './reduction.js';

/** The ONNX operators that losses and optimizers may be made of here, by name. */
export const operators: Readonly<Record<string, TfOperator>> = { ...elementwise, ...layout, ...reduction };
