// Activations, of layers that are nothing else and at the end of others. Formulas: Keras.
import { type Conversion, type LayerCall, type LayerConverter, unsupportedLayer } from './conversion.js';
import { type LayerValue, onnxAxis } from './layer-value.js';

type Emit = (to: Conversion, x: string, value: LayerValue) => string;

const float = (value: number) => ({ type: 'float', value }) as const;
const plain =
  (opType: string): Emit =>
  (to, x) =>
    to.node(opType, [x]);
const alongChannels =
  (opType: string): Emit =>
  (to, x, value) =>
    to.node(opType, [x], { axis: onnxAxis(value, -1, to.axes) });

/** By the names of Keras, as configurations have them. */
const activations: Readonly<Record<string, Emit>> = {
  linear: (_, x) => x,
  relu: plain('Relu'),
  relu6: (to, x) => to.node('Clip', [x, to.scalar(0), to.scalar(6)]),
  elu: plain('Elu'),
  selu: plain('Selu'),
  sigmoid: plain('Sigmoid'),
  hardSigmoid: plain('HardSigmoid'),
  softplus: plain('Softplus'),
  softsign: plain('Softsign'),
  tanh: plain('Tanh'),
  softmax: alongChannels('Softmax'),
  logSoftmax: alongChannels('LogSoftmax'),
  swish: (to, x) => to.node('Mul', [x, to.node('Sigmoid', [x])]),
  mish: (to, x) => to.node('Mul', [x, to.node('Tanh', [to.node('Softplus', [x])])]),
  gelu: (to, x) => half(to, x, to.node('Erf', [to.node('Mul', [x, to.scalar(Math.SQRT1_2)])])),
  gelu_new: (to, x) => {
    const cube = to.node('Mul', [to.node('Mul', [x, x]), x]);
    const inner = to.node('Add', [x, to.node('Mul', [cube, to.scalar(0.044715)])]);
    return half(to, x, to.node('Tanh', [to.node('Mul', [inner, to.scalar(Math.sqrt(2 / Math.PI))])]));
  },
};

/** x (1 + gate) / 2. */
function half(to: Conversion, x: string, gate: string): string {
  return to.node('Mul', [to.node('Mul', [x, to.scalar(0.5)]), to.node('Add', [gate, to.scalar(1)])]);
}

/** Puts the activation that a layer's options name behind a value. */
export function activated(to: Conversion, { layer, config }: LayerCall, value: LayerValue): LayerValue {
  const name = config.activation ?? 'linear';
  if (typeof name !== 'string' || !Object.hasOwn(activations, name)) {
    unsupportedLayer(layer, `the activation ${typeof name === 'string' ? name : JSON.stringify(name)}`);
  }
  return { ...value, name: activations[name]!(to, value.name, value) };
}

const elementwise =
  (emit: (to: Conversion, x: string, config: Readonly<Record<string, unknown>>) => string): LayerConverter =>
  (to, { inputs: [x], config }) => ({ ...x!, name: emit(to, x!.name, config) });

export const Activation: LayerConverter = (to, call) => activated(to, call, call.inputs[0]!);

export const ReLU = elementwise((to, x, { maxValue }) =>
  typeof maxValue === 'number' ? to.node('Clip', [x, to.scalar(0), to.scalar(maxValue)]) : to.node('Relu', [x]),
);

export const LeakyReLU = elementwise((to, x, { alpha }) =>
  to.node('LeakyRelu', [x], { alpha: float(alpha as number) }),
);

export const ELU = elementwise((to, x, { alpha }) => to.node('Elu', [x], { alpha: float(alpha as number) }));

export const ThresholdedReLU = elementwise((to, x, { theta }) =>
  to.node('ThresholdedRelu', [x], { alpha: float(theta as number) }),
);

export const Softmax: LayerConverter = (to, { layer, inputs: [x], config }) => {
  const given = config.axis ?? -1;
  const [axis, ...more] = Array.isArray(given) ? (given as number[]) : [given as number];
  if (more.length > 0) unsupportedLayer(layer, `a softmax over ${more.length + 1} axes`);
  return { ...x!, name: to.node('Softmax', [x!.name], { axis: onnxAxis(x!, axis!, to.axes) }) };
};

/** The slope has the shape of an image without the batch, with sizes of 1 along shared axes. */
export const PReLU: LayerConverter = (to, { layer, inputs: [x] }) => {
  const view = to.weightOf(layer, 'alpha')!.shape as readonly number[];
  if (x!.flattened !== undefined && view[0] === 1) {
    return { ...x!, name: to.node('PRelu', [x!.name, to.parameter(layer, 'alpha')]) };
  }
  const perm = view.length === 3 ? to.axes.fromOnnx.slice(1).map((axis) => axis - 1) : [...view.keys()];
  const dims = perm.map((axis) => view[axis]!);
  const layout = to.flattenedLayout(x!) ?? { view, perm, dims };
  return { ...x!, name: to.node('PRelu', [x!.name, to.parameter(layer, 'alpha', layout)]) };
};
