import { elementCount, keyedRandom, tensor } from '@percept/core';
import { GraphBuilder, type Model, writeModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { normal, residualNetwork } from '../quantize/test-networks.fixture.js';
import { normalTensor, oneInput, operatorModels } from './operator-models.fixture.js';
import { quantizedModels } from './quantized-models.fixture.js';
import { readTflite, type TfliteContents } from './read-tflite.fixture.js';
import { builtinOperators, tensorTypes } from './tflite/schema.js';
import { type ToTfliteOptions, toTflite } from './to-tflite.js';

const nameOf = new Map(Object.entries(builtinOperators).map(([name, code]) => [code as number, name]));
const bytesOf: Record<number, number> = { 0: 4, 1: 2, 2: 4, 3: 1, 4: 8, 6: 1, 9: 1 };

const convert = (model: Model, options?: ToTfliteOptions) => {
  const { bytes, record } = toTflite(model, options);
  const file = readTflite(bytes);
  return { bytes, record, file, operators: file.operators.map(({ code }) => nameOf.get(code)) };
};

/** Every index leads somewhere, every value is made before it is read, every constant has all its bytes, aligned. */
function expectSound(file: TfliteContents): void {
  const known = new Set(file.inputs);
  for (const [index, { shape, type, data, dataAt, scales, zeroPoints, axis }] of file.tensors.entries()) {
    expect(shape.every((dim) => dim > 0)).toBe(true);
    expect(zeroPoints.length).toBe(scales.length);
    if (scales.length > 1) expect(shape[axis]).toBe(scales.length);
    if (data === undefined) continue;
    known.add(index);
    expect(data.length).toBe(elementCount(shape) * bytesOf[type]!);
    expect(dataAt % 16).toBe(0);
  }
  for (const { inputs, outputs } of file.operators) {
    for (const input of inputs) expect(known.has(input)).toBe(true);
    for (const output of outputs) {
      expect(known.has(output)).toBe(false);
      known.add(output);
    }
  }
  for (const output of file.outputs) expect(known.has(output)).toBe(true);
}

describe('toTflite', () => {
  it.each(operatorModels())('writes a sound file: $name', ({ model, transpositions = 0 }) => {
    const before = writeModel(model);
    const { file, record, operators } = convert(model);
    expect(writeModel(model), 'the given model is not changed').toEqual(before);
    expectSound(file);
    expect(file.identifier).toBe('TFL3');
    expect(file.version).toBe(3);
    expect(record.transpositions).toHaveLength(transpositions);
    expect(operators.filter((operator) => operator === 'TRANSPOSE')).toHaveLength(transpositions);
    expect(Object.values(record.operators).reduce((sum, count) => sum + count)).toBe(operators.length);
    expect(file.signature).toEqual({ key: 'serving_default', inputs: ['x'], outputs: ['y'] });
    expect([...file.inputs, ...file.outputs].map((index) => file.tensors[index]!.name)).toEqual(['x', 'y']);
  });

  it.each(quantizedModels())('writes a sound int8 file: $name', ({ name, model }) => {
    const { file, record } = convert(model);
    expectSound(file);
    const isFloat = /in float|another scale|other scales|^Mul|^Sub/.test(name) && name !== 'Conv, groups';
    expect(record.float.length > 0).toBe(isFloat);
  });

  it('keeps images with channels last, and weights as TFLite wants them', () => {
    const { file, operators } = convert(residualNetwork(1));
    expect(operators).not.toContain('TRANSPOSE');
    expect(file.tensors[file.inputs[0]!]!.shape).toEqual([1, 16, 16, 3]);
    const weights = (operator: string) =>
      file.operators
        .filter(({ code }) => nameOf.get(code) === operator)
        .map(({ inputs }) => file.tensors[inputs[1]!]!.shape);
    expect(weights('CONV_2D')).toEqual([
      [8, 3, 3, 3],
      [8, 1, 1, 8],
      [16, 3, 3, 8],
    ]);
    expect(weights('DEPTHWISE_CONV_2D')).toEqual([[1, 3, 3, 8]]);
    expect(weights('FULLY_CONNECTED')).toEqual([[10, 16]]);
    expect(operators).not.toContain('RELU');
  });

  it('keeps the layout of the model where that is wanted, with one transposition at the entrance', () => {
    const { file, record } = convert(residualNetwork(1), { imageLayout: 'model', batch: 2 });
    expect(file.tensors[file.inputs[0]!]!.shape).toEqual([2, 3, 16, 16]);
    expect(record.transpositions).toEqual([{ value: 'input', where: 'entrance' }]);
    const pooled = oneInput([1, 4, 8, 8], (g, x) => g.node('MaxPool', [x], { kernel_shape: [2, 2] }));
    expect(convert(pooled, { imageLayout: 'model' }).record.transpositions.map(({ where }) => where)).toEqual([
      'entrance',
      'exit',
    ]);
  });

  it.each(['NHWC', 'model'] as const)(
    'cancels the transpositions of models that have channels last themselves (%s)',
    (imageLayout) => {
      const model = oneInput([1, 9, 8, 4], (g, x) => {
        const inside = g.node('Transpose', [x], { perm: [0, 3, 1, 2] });
        const made = g.node('Conv', [inside, g.constant(normalTensor('weight', [5, 4, 3, 3]))]);
        return g.node('Transpose', [made], { perm: [0, 2, 3, 1] });
      });
      const { file, operators } = convert(model, { imageLayout });
      expect(operators).toEqual(['CONV_2D']);
      expect([...file.inputs, ...file.outputs].map((index) => file.tensors[index]!.shape)).toEqual([
        [1, 9, 8, 4],
        [1, 7, 6, 5],
      ]);
    },
  );

  it('pads by SAME where that is the same, by an operator where it is not', () => {
    const operatorsOf = (dims: number[], attributes: Record<string, number | number[]>) =>
      convert(
        oneInput(dims, (g, x) => g.node('Conv', [x, g.constant(normalTensor('weight', [5, 4, 3, 3]))], attributes)),
      );
    const same = operatorsOf([1, 4, 9, 8], { pads: [1, 1, 1, 1] });
    expect(same.operators).toEqual(['CONV_2D']);
    expect(same.file.operators[0]!.option(0)).toBe(0);
    // Stride 2 on an even size: SAME would pad behind alone.
    expect(operatorsOf([1, 4, 8, 8], { pads: [1, 1, 1, 1], strides: [2, 2] }).operators).toEqual(['PAD', 'CONV_2D']);
    const odd = operatorsOf([1, 4, 9, 9], { pads: [1, 1, 1, 1], strides: [2, 2] });
    expect(odd.operators).toEqual(['CONV_2D']);
    expect(odd.file.operators[0]!.option(0)).toBe(0);
    const valid = operatorsOf([1, 4, 9, 9], {});
    expect(valid.file.operators[0]!.option(0)).toBe(1);
  });

  it.each([
    ['Relu', undefined, 1],
    ['Clip', [0, 6], 3],
    ['Clip', [-1, 1], 2],
  ] as const)('makes %s %j part of the layer before it', (opType, limits, code) => {
    const build = (g: GraphBuilder, x: string) => {
      const made = g.node('Conv', [x, g.constant(normalTensor('weight', [5, 4, 1, 1]))]);
      return g.node(opType, [made, ...(limits ?? []).map((limit) => g.constant(tensor('float32', [], [limit])))]);
    };
    const { file, operators } = convert(oneInput([1, 4, 8, 8], build));
    expect(operators).toEqual(['CONV_2D']);
    expect(file.operators[0]!.option(3)).toBe(code);
  });

  it('writes GELU and HardSwish as one operator each', () => {
    const models = operatorModels().filter(({ name }) => /^GELU|^HardSwish/.test(name));
    expect(models).toHaveLength(5);
    for (const { model } of models)
      expect(convert(model).operators.filter((operator) => operator !== 'CONV_2D')).toHaveLength(1);
  });

  it('stores float16 weights behind DEQUANTIZE, at half the size', () => {
    const model = oneInput([1, 4, 8, 8], (g, x) =>
      g.node('Conv', [x, g.constant(normalTensor('weight', [64, 4, 3, 3]))]),
    );
    const [whole, half] = [convert(model), convert(model, { weights: 'float16' })];
    expect(half.operators).toEqual(['DEQUANTIZE', 'DEQUANTIZE', 'CONV_2D']);
    expect(half.file.tensors.filter(({ type }) => type === tensorTypes.float16)).toHaveLength(2);
    expect(half.bytes.length).toBeLessThan(0.6 * whole.bytes.length);
    expectSound(half.file);
    const huge = oneInput([1, 2], (g, x) => g.node('MatMul', [x, g.constant(tensor('float32', [2, 1], [1e6, 1]))]));
    const kept = convert(huge, { weights: 'float16' }).file.tensors.map(({ type }) => type);
    expect(kept, 'float16 does not hold a million').not.toContain(tensorTypes.float16);
  });

  it('shifts uint8 by 128, and keeps int8 weights per channel and biases in the layer’s units', () => {
    const { model } = quantizedModels().find(({ name }) => name === 'Conv, depthwise')!;
    const { file, operators } = convert(model);
    expect(operators).toEqual(['QUANTIZE', 'DEPTHWISE_CONV_2D', 'DEQUANTIZE']);
    const layer = file.operators[1]!;
    const [input, weight, bias] = layer.inputs.map((index) => file.tensors[index]!);
    const output = file.tensors[layer.outputs[0]!]!;
    expect([input!.type, weight!.type, bias!.type, output.type]).toEqual([9, 9, 2, 9]);
    expect(input!.zeroPoints).toEqual([120 - 128]);
    expect(output.zeroPoints).toEqual([100 - 128]);
    expect(weight!.shape).toEqual([1, 3, 3, 4]);
    expect(weight!.axis).toBe(3);
    expect(weight!.scales).toHaveLength(4);
    expect(bias!.scales).toEqual(weight!.scales.map((scale) => Math.fround(input!.scales[0]! * scale)));
    const other = convert(quantizedModels('int8').find(({ name }) => name === 'Conv, depthwise')!.model);
    expect(other.file.tensors[other.file.operators[1]!.outputs[0]!]!.zeroPoints).toEqual([100 - 128]);
  });

  it('carries names, description and metadata', () => {
    const model = { ...residualNetwork(1), docString: 'told', metadata: { 'percept.labels': '["a"]' } };
    const { file, record } = convert(model);
    expect(file.description).toBe('told');
    expect(file.metadata).toEqual({ 'percept.labels': '["a"]' });
    expect(record.inputs).toEqual([{ name: 'input', type: 'float32', dims: [1, 16, 16, 3] }]);
    expect(record.outputs).toEqual([{ name: 'logits', type: 'float32', dims: [1, 10] }]);
    expect(convert(model, { description: 'other' }).file.description).toBe('other');
  });

  it('writes outputs that share a value, are an input, or are constant', () => {
    const g = new GraphBuilder('outputs');
    const x = g.input('x', 'float32', [2, 3]);
    const y = g.node('Relu', [x], {}, { outputs: ['y'] });
    g.output(y, 'float32', undefined);
    g.output(g.node('Identity', [y], {}, { outputs: ['again'] }), 'float32', undefined);
    g.output(g.node('Identity', [x], {}, { outputs: ['same'] }), 'float32', undefined);
    g.output(g.initializer('fixed', normal(keyedRandom('fixed'), [2])), 'float32', undefined);
    const { file } = convert(g.build());
    expectSound(file);
    expect(file.outputs.map((index) => file.tensors[index]!.name)).toEqual(['y', 'again', 'same', 'fixed']);
    expect(new Set([...file.inputs, ...file.outputs]).size).toBe(5);
  });

  it('fixes open sizes by batch and inputDims, and says what is missing', () => {
    const g = new GraphBuilder('open');
    const x = g.input('x', 'float32', ['N', 3, 'H', 'W']);
    g.output(g.node('Relu', [x], {}, { outputs: ['y'] }), 'float32', ['N', 3, 'H', 'W']);
    const model = g.build();
    expect(() => toTflite(model)).toThrowError(
      expect.objectContaining({
        code: 'OPTIMIZE_TFLITE_DYNAMIC_SHAPE',
        message: expect.stringContaining('inputDims: { "x": [1, 3, …, …] }'),
      }),
    );
    expect(convert(model, { inputDims: { x: [4, 3, 8, 6] } }).record.outputs[0]!.dims).toEqual([4, 8, 6, 3]);
    for (const inputDims of [{ z: [1] }, { x: [1, 3] }, { x: [1, 2, 8, 8] }] as Record<string, number[]>[]) {
      expect(() => toTflite(model, { inputDims })).toThrowError(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    expect(() => toTflite(model, { size: 3 } as never)).toThrowError(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('refuses sizes that depend on the data', () => {
    const model = oneInput([4], (g, x) => g.node('Cast', [g.node('NonZero', [x])], { to: 1 }));
    expect(() => toTflite(model)).toThrowError(
      expect.objectContaining({ code: expect.stringMatching(/OPTIMIZE_TFLITE_(UNSUPPORTED|DYNAMIC_SHAPE)/) }),
    );
  });

  it.each([
    [
      'an operator without counterpart',
      (g: GraphBuilder, x: string) => g.node('Hardmax', [x], {}, { name: 'hard' }),
      /node hard \(Hardmax\)/,
    ],
    [
      'an operator of another domain',
      (g: GraphBuilder, x: string) => g.node('FusedConv', [x], {}, { domain: 'com.microsoft' }),
      /com\.microsoft\.FusedConv/,
    ],
    [
      'dilated pooling',
      (g: GraphBuilder, x: string) => g.node('MaxPool', [x], { kernel_shape: [2, 2], dilations: [2, 2] }),
      /dilations/,
    ],
    ['a computed weight', (g: GraphBuilder, x: string) => g.node('Conv', [x, x]), /weights that are computed/],
    [
      'a weight that is not finite',
      (g: GraphBuilder, x: string) =>
        g.node('Conv', [x, g.constant(tensor('float32', [1, 4, 1, 1], [1, Number.NaN, 1, 1]))]),
      /not finite/,
    ],
    [
      'cubic resizing',
      (g: GraphBuilder, x: string) =>
        g.node('Resize', [x, '', g.constant(tensor('float32', [4], [1, 1, 2, 2]))], { mode: 'cubic' }),
      /cubic/,
    ],
  ] as const)('refuses %s', (_, build, message) => {
    expect(() => toTflite(oneInput([4, 4, 4, 4], build))).toThrowError(
      expect.objectContaining({ code: 'OPTIMIZE_TFLITE_UNSUPPORTED', message: expect.stringMatching(message) }),
    );
  });
});
