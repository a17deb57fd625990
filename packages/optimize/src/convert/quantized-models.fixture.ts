// Small models in QDQ form, one per operator that has an int8 kernel, for tests here and under LiteRT.
import { tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import { normalTensor } from './operator-models.fixture.js';

/** A quantized model, and the step of its result. */
export interface QuantizedOperatorModel {
  readonly name: string;
  readonly model: Model;
  readonly scale: number;
}

/** A graph whose values are quantized to uint8 (or int8) where it is told to. */
class QuantizedGraph {
  readonly g = new GraphBuilder('quantized');
  readonly #type: 'uint8' | 'int8';
  readonly #inputsOf = new Map<string, string[]>();

  constructor(type: 'uint8' | 'int8') {
    this.#type = type;
  }

  /** QuantizeLinear and DequantizeLinear. */
  qdq(x: string, scale: number, zero: number): string {
    const [scaleName, zeroName] = this.#parameters(scale, zero);
    const quantized = this.g.node('QuantizeLinear', [x, scaleName, zeroName]);
    const inputs = [quantized, scaleName, zeroName];
    const dequantized = this.g.node('DequantizeLinear', inputs);
    this.#inputsOf.set(dequantized, inputs);
    return dequantized;
  }

  /** The integers behind a dequantized value, read at `factor` times their step. */
  rescaled(x: string, factor: number): string {
    const [scale] = this.#parameters(inputScale * factor, inputZero);
    const [quantized, , zero] = this.#inputsOf.get(x)!;
    return this.g.node('DequantizeLinear', [quantized!, scale, zero!]);
  }

  /** A number, quantized. */
  constantNumber(value: number): string {
    const quantized = this.g.constant(tensor(this.#type, [], [this.#type === 'uint8' ? 255 : 127]));
    return this.g.node('DequantizeLinear', [quantized, ...this.#parameters(value / 255, 0)]);
  }

  /** A constant activation. */
  constant(dims: readonly number[], scale: number, zero: number): string {
    const low = this.#type === 'uint8' ? 0 : -128;
    const values = Array.from(normalTensor('constant', dims).data, (value) =>
      Math.min(low + 255, Math.max(low, Math.round(value / scale) + this.#zero(zero))),
    );
    const quantized = this.g.constant(tensor(this.#type, dims, values));
    return this.g.node('DequantizeLinear', [quantized, ...this.#parameters(scale, zero)]);
  }

  /** An int8 weight of 7 significant bits, with scales per slice of `axis`. */
  weight(dims: readonly number[], axis: number | undefined): string {
    const values = Array.from(normalTensor('weight', dims, 20).data, (value) =>
      Math.max(-64, Math.min(64, Math.round(value))),
    );
    const quantized = this.g.constant(tensor('int8', dims, values));
    const scales = this.weightScales(axis === undefined ? 1 : dims[axis]!);
    const names =
      axis === undefined
        ? [this.g.constant(tensor('float32', [], scales)), this.g.constant(tensor('int8', [], [0]))]
        : [
            this.g.constant(tensor('float32', [scales.length], scales)),
            this.g.constant(tensor('int8', [scales.length])),
          ];
    return this.g.node('DequantizeLinear', [quantized, ...names], axis === undefined ? {} : { axis });
  }

  weightScales(count: number): number[] {
    return Array.from({ length: count }, (_, at) => Math.fround(0.01 + 0.002 * at));
  }

  /** An int32 bias in units of input scale · weight scale. */
  bias(count: number, inputScale: number, channels: number): string {
    const units = this.weightScales(channels).map((scale) => Math.fround(Math.fround(inputScale) * scale));
    const values = Array.from({ length: count }, (_, at) => 37 * (at - 2));
    const quantized = this.g.constant(tensor('int32', [count], values));
    const dims = units.length === 1 ? [] : [units.length];
    const scale = this.g.constant(tensor('float32', dims, units));
    const zero = this.g.constant(tensor('int32', dims));
    return this.g.node('DequantizeLinear', [quantized, scale, zero], units.length === 1 ? {} : { axis: 0 });
  }

  #parameters(scale: number, zero: number): [string, string] {
    return [
      this.g.constant(tensor('float32', [], [scale])),
      this.g.constant(tensor(this.#type, [], [this.#zero(zero)])),
    ];
  }

  /** Zero points are given for uint8. */
  #zero(zero: number): number {
    return this.#type === 'uint8' ? zero : zero - 128;
  }
}

type Build = (q: QuantizedGraph, x: string) => string;
type Form = readonly [dims: readonly number[], scale: number, zero: number, build: Build];

const image = [1, 4, 9, 8];
const inputScale = 0.03;
const inputZero = 120;

const convOf =
  (weight: readonly number[], attributes: Record<string, number | number[]>, perChannel = true): Build =>
  (q, x) => {
    const kernel = q.weight(weight, perChannel ? 0 : undefined);
    const bias = q.bias(weight[0]!, inputScale, perChannel ? weight[0]! : 1);
    return q.g.node('Conv', [x, kernel, bias], attributes);
  };

const forms: Record<string, Form> = {
  Conv: [image, 0.05, 128, convOf([5, 4, 3, 3], { pads: [1, 1, 1, 1] })],
  'Conv, padded by hand': [image, 0.05, 128, convOf([5, 4, 3, 3], { pads: [1, 1, 1, 1], strides: [2, 2] })],
  'Conv, one scale': [image, 0.05, 100, convOf([5, 4, 3, 3], {}, false)],
  'Conv, depthwise': [image, 0.02, 100, convOf([4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] })],
  'Conv, groups': [image, 0.02, 100, convOf([6, 2, 3, 3], { group: 2 })],
  'Conv and Relu': [image, 0.04, 0, (q, x) => q.g.node('Relu', [convOf([5, 4, 3, 3], {})(q, x)])],
  'Conv without bias': [image, 0.05, 128, (q, x) => q.g.node('Conv', [x, q.weight([5, 4, 1, 1], 0)])],
  'Gemm per channel': [
    [3, 12],
    0.03,
    128,
    (q, x) => q.g.node('Gemm', [x, q.weight([5, 12], 0), q.bias(5, inputScale, 5)], { transB: 1 }),
  ],
  'Gemm, columns': [
    [3, 12],
    0.03,
    128,
    (q, x) => q.g.node('Gemm', [x, q.weight([12, 5], 1), q.bias(5, inputScale, 5)]),
  ],
  'MatMul, one scale': [[3, 12], 0.03, 128, (q, x) => q.g.node('MatMul', [x, q.weight([12, 5], undefined)])],
  'MatMul of a sequence': [[2, 3, 12], 0.03, 128, (q, x) => q.g.node('MatMul', [x, q.weight([12, 5], 1)])],
  'Add of another scale': [
    image,
    0.05,
    128,
    (q, x) => q.g.node('Add', [x, q.qdq(q.g.node('Sigmoid', [x]), 1 / 255, 0)]),
  ],
  'Add of a constant': [image, 0.05, 128, (q, x) => q.g.node('Add', [x, q.constant([1, 4, 1, 1], 0.02, 128)])],
  Mul: [image, 0.02, 128, (q, x) => q.g.node('Mul', [x, q.qdq(q.g.node('Sigmoid', [x]), 1 / 255, 0)])],
  Sub: [image, 0.05, 128, (q, x) => q.g.node('Sub', [x, q.qdq(q.g.node('Sigmoid', [x]), 1 / 255, 0)])],
  'Concat of other scales': [
    image,
    0.03,
    120,
    (q, x) => q.g.node('Concat', [x, q.qdq(q.g.node('Tanh', [x]), 2 / 255, 128)], { axis: 1 }),
  ],
  MaxPool: [
    image,
    inputScale,
    inputZero,
    (q, x) => q.g.node('MaxPool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] }),
  ],
  AveragePool: [
    image,
    inputScale,
    inputZero,
    (q, x) => q.g.node('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] }),
  ],
  'AveragePool to another scale': [
    image,
    0.02,
    128,
    (q, x) => q.g.node('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] }),
  ],
  'HardSigmoid by saturation': [
    image,
    1 / 255,
    0,
    (q, x) => q.g.node('Add', [q.rescaled(x, 1 / 6), q.constantNumber(0.5)]),
  ],
  'HardSigmoid of rows by saturation': [
    [3, 12],
    1 / 255,
    0,
    (q, x) => q.g.node('Add', [q.rescaled(x, 0.2), q.constantNumber(0.5)]),
  ],
  GlobalAveragePool: [image, 0.01, 128, (q, x) => q.g.node('GlobalAveragePool', [x])],
  ReduceMean: [image, 0.01, 128, (q, x) => q.g.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 })],
  Relu: [image, 0.02, 0, (q, x) => q.g.node('Relu', [x])],
  LeakyRelu: [image, 0.02, 30, (q, x) => q.g.node('LeakyRelu', [x], { alpha: 0.1 })],
  Reshape: [
    image,
    inputScale,
    inputZero,
    (q, x) => q.g.node('Reshape', [x, q.g.constant(tensor('int64', [2], [1, -1]))]),
  ],
  Pad: [
    image,
    inputScale,
    inputZero,
    (q, x) => q.g.node('Pad', [x, q.g.constant(tensor('int64', [8], [0, 0, 1, 2, 0, 0, 0, 1]))]),
  ],
  Slice: [
    image,
    inputScale,
    inputZero,
    (q, x) => q.g.node('Slice', [x, ...[[1], [4], [1]].map((value) => q.g.constant(tensor('int64', [1], value)))]),
  ],
  'Softmax, in float': [image, 1 / 255, 0, (q, x) => q.g.node('Softmax', [x], { axis: 1 })],
  'Sigmoid, in float': [image, 1 / 255, 0, (q, x) => q.g.node('Sigmoid', [x])],
};

/** All of them, on integers of a type. */
export function quantizedModels(type: 'uint8' | 'int8' = 'uint8'): QuantizedOperatorModel[] {
  return Object.entries(forms).map(([name, [dims, scale, zero, build]]) => {
    const q = new QuantizedGraph(type);
    const x = q.g.input('x', 'float32', [...dims]);
    const result = q.qdq(build(q, q.qdq(x, inputScale, inputZero)), scale, zero);
    q.g.output(q.g.node('Identity', [result], {}, { outputs: ['y'] }), 'float32', undefined);
    return { name, model: q.g.build(), scale };
  });
}
