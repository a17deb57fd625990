// Small models, one per operator and form that toTflite() knows, for tests here and under LiteRT
// (test/integration/tflite.test.ts).
import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Model } from '@percept/onnx';

/** A model, and what it may need of transpositions. */
export interface OperatorModel {
  readonly name: string;
  readonly model: Model;
  /** Transpositions inside that its elements cannot do without. Default 0. */
  readonly transpositions?: number;
  /** Feed positive numbers only. */
  readonly positive?: boolean;
}

type Attributes = Readonly<Record<string, AttributeInput>>;
type Build = (g: GraphBuilder, x: string) => string;

const image = [1, 4, 9, 8];

/** Normal numbers, the same for the same shape and key. */
export function normalTensor(key: string, dims: readonly number[], deviation = 1): Tensor<'float32'> {
  const random = keyedRandom('operator models', key, dims.join());
  const length = dims.reduce((product, dim) => product * dim, 1);
  return tensor(
    'float32',
    dims,
    Float32Array.from({ length }, () => deviation * random.normal()),
  );
}

const ints = (...values: number[]) => tensor('int64', [values.length], values);
const scalarOf = (value: number) => tensor('float32', [], [value]);
const float = (value: number) => ({ type: 'float', value }) as const;

/** A model of one input `x` and one output `y`. */
export function oneInput(dims: readonly number[], build: Build, opset = 17): Model {
  const g = new GraphBuilder('one', { opset });
  const x = g.input('x', 'float32', [...dims]);
  g.output(g.node('Identity', [build(g, x)], {}, { outputs: ['y'] }), 'float32', undefined);
  return g.build();
}

const conv =
  (weight: readonly number[], attributes: Attributes = {}, bias = true): Build =>
  (g, x) => {
    const operands = [x, g.constant(normalTensor('weight', weight, 0.3))];
    if (bias) operands.push(g.constant(normalTensor('bias', [weight[0]!])));
    return g.node('Conv', operands, attributes);
  };
const pointwise: Build = conv([4, 4, 1, 1]);
const unary =
  (opType: string, attributes: Attributes = {}): Build =>
  (g, x) =>
    g.node(opType, [x], attributes);
/** Between two convolutions, where a transposition would show. */
const between =
  (inner: Build, from = 4): Build =>
  (g, x) =>
    conv([3, from, 1, 1])(g, inner(g, pointwise(g, x)));

const convolutions: Record<string, Build> = {
  'keeps the size': conv([5, 4, 3, 3], { pads: [1, 1, 1, 1] }),
  'stride 2 on odd and even sizes': conv([5, 4, 3, 3], { pads: [1, 1, 1, 1], strides: [2, 2] }),
  'without padding': conv([5, 4, 3, 2], { strides: [2, 1] }),
  'one-sided padding': conv([5, 4, 3, 3], { pads: [0, 2, 1, 0] }),
  'auto_pad SAME_UPPER': conv([5, 4, 4, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  'auto_pad SAME_LOWER': conv([5, 4, 4, 2], { auto_pad: 'SAME_LOWER', strides: [2, 2] }),
  dilated: conv([5, 4, 3, 3], { pads: [2, 2, 2, 2], dilations: [2, 2] }),
  'without bias': conv([5, 4, 3, 3], { pads: [1, 1, 1, 1] }, false),
  depthwise: conv([4, 1, 3, 3], { pads: [1, 1, 1, 1], group: 4 }),
  'depthwise, two outputs a channel': conv([8, 1, 3, 3], { pads: [1, 1, 1, 1], group: 4, strides: [2, 2] }),
  'depthwise, dilated': conv([4, 1, 3, 3], { pads: [2, 2, 2, 2], group: 4, dilations: [2, 2] }),
  groups: conv([6, 2, 3, 3], { pads: [1, 1, 1, 1], group: 2 }),
};

const pools: Record<string, Build> = {
  MaxPool: unary('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool padded': unary('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  'MaxPool ceil_mode': unary('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  'MaxPool one-sided': unary('MaxPool', { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 0, 1] }),
  AveragePool: unary('AveragePool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'AveragePool padded': unary('AveragePool', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  'AveragePool padded, stride 2': unary('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  'AveragePool counting pads': unary('AveragePool', {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  'AveragePool ceil_mode': unary('AveragePool', { kernel_shape: [2, 3], strides: [2, 2], ceil_mode: 1 }),
  GlobalAveragePool: unary('GlobalAveragePool'),
  GlobalMaxPool: unary('GlobalMaxPool'),
};

const functions: Record<string, Build> = {
  Relu: unary('Relu'),
  'Clip to [0, 6]': (g, x) => g.node('Clip', [x, g.constant(scalarOf(0)), g.constant(scalarOf(6))]),
  'Clip to [-1, 1]': (g, x) => g.node('Clip', [x, g.constant(scalarOf(-1)), g.constant(scalarOf(1))]),
  'Clip to [-0.5, 2]': (g, x) => g.node('Clip', [x, g.constant(scalarOf(-0.5)), g.constant(scalarOf(2))]),
  'Clip from below': (g, x) => g.node('Clip', [x, g.constant(scalarOf(-0.25))]),
  LeakyRelu: unary('LeakyRelu', { alpha: 0.2 }),
  PRelu: (g, x) => g.node('PRelu', [x, g.constant(normalTensor('slope', [4, 1, 1]))]),
  Elu: unary('Elu'),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  HardSigmoid: unary('HardSigmoid'),
  'HardSigmoid of MobileNet': unary('HardSigmoid', { alpha: 1 / 6, beta: 0.5 }),
  HardSwish: unary('HardSwish'),
  'HardSwish in parts': (g, x) => g.node('Mul', [x, g.node('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 })]),
  SiLU: (g, x) => g.node('Mul', [x, g.node('Sigmoid', [x])]),
  'GELU in parts': (g, x) => gelu(g, x, (sum, half) => g.node('Mul', [g.node('Mul', [x, sum]), half])),
  'GELU, half of x first': (g, x) => gelu(g, x, (sum, half) => g.node('Mul', [g.node('Mul', [x, half]), sum])),
  'GELU, half of the sum first': (g, x) => gelu(g, x, (sum, half) => g.node('Mul', [x, g.node('Mul', [half, sum])])),
  Erf: unary('Erf'),
  Softplus: unary('Softplus'),
  Exp: unary('Exp'),
  Abs: unary('Abs'),
  Neg: unary('Neg'),
  Floor: unary('Floor'),
  Ceil: unary('Ceil'),
  Round: unary('Round'),
  Sin: unary('Sin'),
  Cos: unary('Cos'),
  Sign: unary('Sign'),
  'Softmax of channels': unary('Softmax', { axis: 1 }),
  'LogSoftmax of channels': unary('LogSoftmax', { axis: 1 }),
  'Add per channel': (g, x) => g.node('Add', [x, g.constant(normalTensor('c', [1, 4, 1, 1]))]),
  'Sub from a number': (g, x) => g.node('Sub', [g.constant(scalarOf(2)), x]),
  'Mul by a map': (g, x) => g.node('Mul', [x, g.constant(normalTensor('map', [9, 8]))]),
  'Mul by its mean': (g, x) => g.node('Mul', [x, g.node('GlobalAveragePool', [x])]),
  'Div by itself and one': (g, x) => g.node('Div', [x, g.node('Add', [g.node('Abs', [x]), g.constant(scalarOf(1))])]),
  'Max of three': (g, x) => g.node('Max', [x, g.constant(scalarOf(-0.5)), g.node('Neg', [x])]),
  'Min and Sum': (g, x) => g.node('Sum', [g.node('Min', [x, g.node('Neg', [x])]), x, x]),
  'Pow 2': (g, x) => g.node('Pow', [x, g.constant(scalarOf(2))]),
  'Where above 0': (g, x) =>
    g.node('Where', [g.node('Greater', [x, g.constant(scalarOf(0))]), x, g.constant(normalTensor('w', [1, 4, 1, 1]))]),
  'Cast there and back': (g, x) => g.node('Cast', [g.node('Cast', [x], { to: 6 })], { to: 1 }),
  'BatchNormalization after Relu': (g, x) => {
    const vectors = ['gamma', 'beta', 'mean'].map((key) => g.constant(normalTensor(key, [4])));
    const variance = g.constant(tensor('float32', [4], [0.5, 1, 2, 3]));
    return g.node('BatchNormalization', [g.node('Relu', [x]), ...vectors, variance]);
  },
  InstanceNormalization: (g, x) =>
    g.node('InstanceNormalization', [x, g.constant(normalTensor('gamma', [4])), g.constant(normalTensor('beta', [4]))]),
  'Pad with zeros': (g, x) => g.node('Pad', [x, g.constant(ints(0, 0, 1, 0, 0, 0, 2, 1))]),
  'Pad channels with a number': (g, x) =>
    g.node('Slice', [
      g.node('Pad', [x, g.constant(ints(0, 1, 0, 0, 0, 1, 0, 0)), g.constant(scalarOf(2.5))]),
      ...[ints(1), ints(5), ints(1)].map((value) => g.constant(value)),
    ]),
  'Pad by reflection': (g, x) => g.node('Pad', [x, g.constant(ints(0, 0, 1, 2, 0, 0, 2, 1))], { mode: 'reflect' }),
  'Slice forwards': (g, x) =>
    g.node('Slice', [x, ...[ints(1, 0), ints(-1, 100), ints(2, 3), ints(2, 3)].map((value) => g.constant(value))]),
  'Slice backwards': (g, x) =>
    g.node('Slice', [x, ...[ints(-1, 5), ints(-100, 1), ints(1, 3), ints(-1, -2)].map((value) => g.constant(value))]),
  'Gather channels': (g, x) => g.node('Gather', [x, g.constant(ints(3, 0, -2, 1))], { axis: 1 }),
  'Split and Concat': (g, x) => {
    const [a, b] = g.multi('Split', [x], { axis: 1 }, { outputs: 2 });
    return g.node('Concat', [b!, a!], { axis: 1 });
  },
  'Split unequally and Concat': (g, x) => {
    const [a, b] = g.multi('Split', [x, g.constant(ints(1, 3))], { axis: 1 }, { outputs: 2 });
    return g.node('Concat', [b!, a!], { axis: -3 });
  },
  'Concat with a constant along the height': (g, x) =>
    g.node('Concat', [x, g.constant(normalTensor('row', [1, 4, 1, 8]))], { axis: 2 }),
  'Expand of a mean': (g, x) => g.node('Expand', [g.node('GlobalAveragePool', [x]), g.constant(ints(1, 4, 3, 2))]),
  'Transpose there and back': (g, x) =>
    g.node('Transpose', [g.node('Relu', [g.node('Transpose', [x], { perm: [0, 2, 3, 1] })])], { perm: [0, 3, 1, 2] }),
  'Resize nearest, asymmetric': (g, x) =>
    resize(g, x, [2, 3], { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }),
  'Resize nearest, half_pixel': (g, x) => resize(g, x, [2, 2], {}),
  'Resize nearest, smaller': (g, x) => resize(g, x, [1 / 3, 0.5], {}),
  'Resize linear, half_pixel': (g, x) => resize(g, x, [2, 1.5], { mode: 'linear' }),
  'Resize linear, align_corners': (g, x) =>
    resize(g, x, [2, 2], { mode: 'linear', coordinate_transformation_mode: 'align_corners' }),
  'Resize linear, asymmetric': (g, x) =>
    resize(g, x, [2, 2], { mode: 'linear', coordinate_transformation_mode: 'asymmetric' }),
};

function resize(
  g: GraphBuilder,
  x: string,
  [height, width]: readonly [number, number],
  attributes: Attributes,
): string {
  return g.node('Resize', [x, '', g.constant(tensor('float32', [4], [1, 1, height, width]))], attributes);
}

function gelu(g: GraphBuilder, x: string, multiply: (sum: string, half: string) => string): string {
  const erf = g.node('Erf', [g.node('Div', [x, g.constant(scalarOf(Math.SQRT2))])]);
  return multiply(g.node('Add', [erf, g.constant(scalarOf(1))]), g.constant(scalarOf(0.5)));
}

const matrices: Record<string, [dims: number[], Build, transpositions?: number]> = {
  Gemm: [[3, 6], (g, x) => g.node('Gemm', [x, constantOf(g, [6, 5]), constantOf(g, [5])])],
  'Gemm transB, alpha, beta': [
    [3, 6],
    (g, x) =>
      g.node('Gemm', [x, constantOf(g, [5, 6]), constantOf(g, [1, 5])], {
        transB: 1,
        alpha: float(0.5),
        beta: float(2),
      }),
  ],
  'Gemm transA': [[6, 3], (g, x) => g.node('Gemm', [x, constantOf(g, [6, 5])], { transA: 1 }), 1],
  'Gemm with a matrix added': [
    [3, 6],
    (g, x) => g.node('Gemm', [x, constantOf(g, [6, 5]), constantOf(g, [3, 5])], { beta: float(0.5) }),
  ],
  'Gemm with itself': [
    [3, 6],
    (g, x) => g.node('Gemm', [x, x, constantOf(g, [1, 3])], { transB: 1, alpha: float(0.5) }),
  ],
  'MatMul by a constant': [[3, 6], (g, x) => g.node('MatMul', [x, constantOf(g, [6, 5])])],
  'MatMul of a sequence by a constant': [
    [2, 3, 6],
    (g, x) => g.node('Add', [g.node('MatMul', [x, constantOf(g, [6, 5])]), constantOf(g, [5])]),
  ],
  'MatMul by its transposed': [
    [2, 3, 6],
    (g, x) => g.node('MatMul', [x, g.node('Transpose', [x], { perm: [0, 2, 1] })]),
  ],
  'MatMul of other ranks': [[2, 3, 6], (g, x) => g.node('MatMul', [constantOf(g, [4, 3]), x])],
  LayerNormalization: [
    [2, 3, 6],
    (g, x) =>
      g.node('LayerNormalization', [x, constantOf(g, [6]), constantOf(g, [6], 'b')], { axis: -1, epsilon: 1e-6 }),
  ],
  'LayerNormalization over two axes': [
    [2, 3, 6],
    (g, x) => g.node('LayerNormalization', [x, constantOf(g, [3, 6])], { axis: 1 }),
  ],
  'Softmax of rows': [[3, 6], unary('Softmax')],
  'Softmax of columns': [[2, 3, 6], unary('Softmax', { axis: 1 }), 2],
  ReduceMean: [[2, 3, 6], unary('ReduceMean', { axes: [1], keepdims: 0 })],
  ReduceSum: [[2, 3, 6], (g, x) => g.node('ReduceSum', [x, g.constant(ints(-1, 0))])],
  ReduceMax: [[2, 3, 6], unary('ReduceMax', { axes: [2] })],
  'Gather one': [[2, 3, 6], (g, x) => g.node('Gather', [x, g.constant(tensor('int64', [], [-1]))], { axis: 1 })],
  ArgMax: [[2, 3, 6], (g, x) => g.node('Cast', [g.node('ArgMax', [x], { axis: 1, keepdims: 0 })], { to: 1 })],
  'Squeeze and Unsqueeze': [
    [2, 1, 6],
    (g, x) => g.node('Unsqueeze', [g.node('Squeeze', [x, g.constant(ints(1))]), g.constant(ints(0, 3))]),
    1,
  ],
  'Conv of a sequence': [[1, 4, 9], (g, x) => conv([5, 4, 3], { pads: [1, 1], strides: [2] })(g, x), 2],
};

const constantOf = (g: GraphBuilder, dims: readonly number[], key = 'weight') =>
  g.constant(normalTensor(key, dims, 0.5));

/** Models in which elements must move, with how often. */
const moving: Record<string, [number, Build]> = {
  'channel shuffle': [
    1,
    (g, x) => {
      const apart = g.node('Reshape', [pointwise(g, x), g.constant(ints(1, 2, 2, 9, 8))]);
      const shuffled = g.node('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
      return conv([3, 4, 1, 1])(g, g.node('Reshape', [shuffled, g.constant(ints(1, 4, 9, 8))]));
    },
  ],
  'channel shuffle, then halves': [
    1,
    (g, x) => {
      const apart = g.node('Reshape', [pointwise(g, x), g.constant(ints(1, 2, 2, 9, 8))]);
      const shuffled = g.node('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
      const whole = g.node('Reshape', [shuffled, g.constant(ints(1, 4, 9, 8))]);
      const [a, b] = g.multi('Split', [whole], { axis: 1 }, { outputs: 2 });
      return g.node('Concat', [conv([3, 2, 1, 1])(g, a!), b!], { axis: 1 });
    },
  ],
  'DepthToSpace DCR': [0, between(unary('DepthToSpace', { blocksize: 2 }), 1)],
  'DepthToSpace CRD': [1, between(unary('DepthToSpace', { blocksize: 2, mode: 'CRD' }), 1)],
  SpaceToDepth: [
    0,
    (g, x) =>
      conv([3, 16, 1, 1])(
        g,
        g.node('SpaceToDepth', [g.node('Resize', [x, '', '', g.constant(ints(1, 4, 8, 8))])], { blocksize: 2 }),
      ),
  ],
  'Softmax along the width': [2, between(unary('Softmax', { axis: 3 }))],
  'Flatten before Gemm': [
    0,
    (g, x) => g.node('Gemm', [g.node('Flatten', [pointwise(g, x)]), constantOf(g, [288, 5]), constantOf(g, [5])]),
  ],
  'Reshape, Relu and a transposed Gemm': [
    0,
    (g, x) => {
      const flat = g.node('Reshape', [
        g.node('MaxPool', [pointwise(g, x)], { kernel_shape: [2, 2] }),
        g.constant(ints(1, -1)),
      ]);
      return g.node('Gemm', [g.node('Relu', [flat]), constantOf(g, [5, 224]), constantOf(g, [5])], { transB: 1 });
    },
  ],
  'Flatten before MatMul': [
    0,
    (g, x) => g.node('MatMul', [g.node('Flatten', [pointwise(g, x)]), constantOf(g, [288, 5])]),
  ],
  'patches as a sequence': [
    0,
    (g, x) => {
      const patches = g.node('Reshape', [conv([6, 4, 3, 2], { strides: [3, 2] })(g, x), g.constant(ints(1, 6, -1))]);
      return g.node('MatMul', [g.node('Transpose', [patches], { perm: [0, 2, 1] }), constantOf(g, [6, 5])]);
    },
  ],
  ConvTranspose: [
    0,
    (g, x) => g.node('ConvTranspose', [x, constantOf(g, [4, 3, 2, 2]), constantOf(g, [3])], { strides: [2, 2] }),
  ],
  'ConvTranspose padded': [
    0,
    (g, x) =>
      g.node('ConvTranspose', [x, constantOf(g, [4, 3, 3, 3])], {
        strides: [2, 2],
        pads: [1, 1, 1, 1],
        output_padding: [1, 1],
      }),
  ],
  'ReduceMean of the image': [
    0,
    (g, x) => constantGemm(g, g.node('ReduceMean', [pointwise(g, x)], { axes: [2, 3], keepdims: 0 })),
  ],
};

const constantGemm: Build = (g, x) => g.node('Gemm', [x, constantOf(g, [4, 5])]);

/** All of them. */
export function operatorModels(): OperatorModel[] {
  const models: OperatorModel[] = [];
  for (const [name, build] of Object.entries(convolutions)) {
    models.push({ name: `Conv, ${name}`, model: oneInput(image, build) });
    models.push({ name: `Conv, ${name}, Relu`, model: oneInput(image, (g, x) => g.node('Relu', [build(g, x)])) });
  }
  for (const [name, build] of Object.entries({ ...pools, ...functions })) {
    models.push({ name, model: oneInput(image, between(build)) });
  }
  for (const [name, [dims, build, transpositions = 0]] of Object.entries(matrices)) {
    models.push({ name, model: oneInput(dims, build), transpositions });
  }
  for (const [name, [transpositions, build]] of Object.entries(moving)) {
    models.push({ name, model: oneInput(image, build), transpositions });
  }
  for (const opType of ['Log', 'Sqrt', 'Reciprocal']) {
    models.push({ name: opType, model: oneInput([2, 5], unary(opType)), positive: true });
  }
  models.push({ name: 'Gelu', model: oneInput([2, 5], unary('Gelu'), 20) });
  models.push({ name: 'Gelu by tanh', model: oneInput([2, 5], unary('Gelu', { approximate: 'tanh' }), 20) });
  models.push({
    name: 'ReduceMean of opset 18',
    model: oneInput(
      image,
      between((g, x) => g.node('ReduceMean', [x, g.constant(ints(2, 3))])),
      18,
    ),
  });
  return models;
}
