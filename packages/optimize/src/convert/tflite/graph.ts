// A TFLite graph as plain data, before it is written. Shapes are those of the file, so images are [N, H, W, C].
import type { BuiltinOperator, OptionsName, TfliteType } from './schema.js';

/** How the integers of a tensor stand for numbers: `scale · (integer − zeroPoint)`, for all or per slice of one axis. */
export interface Quantization {
  readonly scales: readonly number[];
  /** As many as scales. */
  readonly zeroPoints: readonly number[];
  /** The axis that the scales count, where there are several. */
  readonly axis: number;
}

/** A value, or with `data` a constant. */
export interface TfliteTensor {
  name: string;
  readonly shape: readonly number[];
  type: TfliteType;
  /** Little-endian elements of a constant. */
  data: Uint8Array | undefined;
  quantization: Quantization | undefined;
}

/** Options of an operator: the table's name and its fields, where they are not the schema's defaults. */
export interface OperatorOptions {
  readonly table: OptionsName;
  readonly values: Readonly<Record<string, number | boolean | readonly number[]>>;
}

/** One operation. Inputs and outputs are indices of tensors, −1 for an input that is left out. */
export interface TfliteOperator {
  readonly operator: BuiltinOperator;
  inputs: readonly number[];
  outputs: readonly number[];
  options: OperatorOptions | undefined;
}

/** Tensors and operators in the order of execution. */
export interface TfliteGraph {
  tensors: TfliteTensor[];
  operators: TfliteOperator[];
  inputs: number[];
  outputs: number[];
}
