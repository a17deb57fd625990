// What of TensorFlow.js is used here, as structural types: `tf` is handed in, whichever build of it that is, and no type of
// its packages is needed to use this one.

/** A tensor of TensorFlow.js. */
export interface TfTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly id: number;
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  dispose(): void;
}

/** A variable of TensorFlow.js. */
export interface TfVariable extends TfTensor {
  readonly name: string;
  assign(value: TfTensor): void;
}

/** A weight of a layer. */
export interface TfLayerVariable {
  /** Unique in the process. */
  readonly name: string;
  /** Unique in a model, and the same in every process. */
  readonly originalName: string;
  readonly shape: readonly (number | null)[];
  read(): TfTensor;
  write(value: TfTensor): unknown;
}

/** A value of a functional graph of layers. */
export interface TfSymbolicTensor {
  readonly id: number;
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly sourceLayer: TfLayer;
  readonly nodeIndex?: number;
  readonly tensorIndex?: number;
}

/** One use of a layer in a functional graph. */
export interface TfLayerNode {
  readonly inputTensors: readonly TfSymbolicTensor[];
  readonly outputTensors: readonly TfSymbolicTensor[];
}

/** A layer of TensorFlow.js. */
export interface TfLayer {
  readonly name: string;
  readonly weights: readonly TfLayerVariable[];
  readonly inboundNodes: readonly TfLayerNode[];
  getClassName(): string;
  getConfig(): object;
}

/** A `tf.LayersModel`: sequential, functional, or loaded with `tf.loadLayersModel`. */
export interface TfLayersModel extends TfLayer {
  readonly layers: readonly TfLayer[];
  readonly inputs: readonly TfSymbolicTensor[];
  readonly outputs: readonly TfSymbolicTensor[];
  readonly trainableWeights: readonly TfLayerVariable[];
  readonly nonTrainableWeights: readonly TfLayerVariable[];
  apply(inputs: never, options?: Record<string, unknown>): unknown;
  calculateLosses(): readonly TfTensor[];
}

/** The functions of TensorFlow.js that are called, as they are called. */
export interface TensorFlow {
  getBackend(): string;
  ready(): Promise<void>;
  memory(): { readonly numTensors: number };
  tidy<Result>(run: () => Result): Result;
  keep(value: TfTensor): TfTensor;
  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype: 'float32' | 'int32'): TfTensor;
  variableGrads(
    f: () => TfTensor,
    variables: readonly TfTensor[],
  ): { value: TfTensor; grads: Readonly<Record<string, TfTensor>> };
  customGrad(
    f: (
      x: TfTensor,
      save: (values: TfTensor[]) => void,
    ) => { value: TfTensor; gradFunc: (dy: TfTensor, saved: TfTensor[]) => TfTensor },
  ): (x: TfTensor) => TfTensor;
  clone(x: TfTensor): TfTensor;
  zerosLike(x: TfTensor): TfTensor;
  abs(x: TfTensor): TfTensor;
  exp(x: TfTensor): TfTensor;
  log(x: TfTensor): TfTensor;
  neg(x: TfTensor): TfTensor;
  relu(x: TfTensor): TfTensor;
  sigmoid(x: TfTensor): TfTensor;
  sqrt(x: TfTensor): TfTensor;
  square(x: TfTensor): TfTensor;
  tanh(x: TfTensor): TfTensor;
  isFinite(x: TfTensor): TfTensor;
  all(x: TfTensor): TfTensor;
  add(a: TfTensor, b: TfTensor): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor): TfTensor;
  div(a: TfTensor, b: TfTensor): TfTensor;
  pow(a: TfTensor, b: TfTensor): TfTensor;
  maximum(a: TfTensor, b: TfTensor): TfTensor;
  minimum(a: TfTensor, b: TfTensor): TfTensor;
  equal(a: TfTensor, b: TfTensor): TfTensor;
  greater(a: TfTensor, b: TfTensor): TfTensor;
  less(a: TfTensor, b: TfTensor): TfTensor;
  addN(values: readonly TfTensor[]): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
  sum(x: TfTensor, axes?: readonly number[], keepDims?: boolean): TfTensor;
  max(x: TfTensor, axes?: readonly number[], keepDims?: boolean): TfTensor;
  min(x: TfTensor, axes?: readonly number[], keepDims?: boolean): TfTensor;
  mean(x: TfTensor, axes?: readonly number[], keepDims?: boolean): TfTensor;
  argMax(x: TfTensor, axis: number): TfTensor;
  concat(values: readonly TfTensor[], axis: number): TfTensor;
  where(condition: TfTensor, a: TfTensor, b: TfTensor): TfTensor;
  cast(x: TfTensor, dtype: 'float32' | 'int32' | 'bool'): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  transpose(x: TfTensor, perm: readonly number[]): TfTensor;
  stridedSlice(x: TfTensor, begin: readonly number[], end: readonly number[], strides: readonly number[]): TfTensor;
  broadcastTo(x: TfTensor, shape: readonly number[]): TfTensor;
}

/**
 * TensorFlow.js as it is handed in: `@tensorflow/tfjs`, `@tensorflow/tfjs-node`, or tfjs-core and tfjs-layers in one object
 * beside a backend. Named are the functions that must be there.
 */
export type TensorFlowModule = { readonly [Name in keyof TensorFlow]: (...args: never[]) => unknown };
