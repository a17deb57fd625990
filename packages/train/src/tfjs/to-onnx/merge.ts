import { type Conversion, type LayerCall, type LayerConverter, unsupportedLayer } from './conversion.js';
import { type LayerValue, onnxAxis } from './layer-value.js';

/** The inputs in one order: flattened images stay as they are only where all of them are of the same sizes. */
function inOneOrder(to: Conversion, inputs: readonly LayerValue[]): readonly LayerValue[] {
  const orders = new Set(inputs.map(({ flattened }) => flattened?.join()));
  return orders.size === 1 ? inputs : inputs.map((input) => to.inLayerOrder(input));
}

/** Brings inputs to the rank of the highest as Keras does: sizes of 1 behind the batch. */
function inOneRank(to: Conversion, { layer, inputs }: LayerCall): readonly LayerValue[] {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  return inOneOrder(to, inputs).map((value) => {
    const { name, shape } = value;
    if (shape.length === rank) return value;
    if (shape.length !== 2) {
      unsupportedLayer(
        layer,
        `values of the shapes ${inputs.map((input) => `[${input.shape.join(', ')}]`).join(', ')}`,
      );
    }
    const raised = [shape[0]!, ...Array.from({ length: rank - 2 }, () => 1), shape[1]!];
    const channel = onnxAxis({ name, shape: raised }, -1, to.axes);
    const sizes = raised.map((_, axis) => (axis === 0 ? 0 : axis === channel ? -1 : 1));
    return { name: to.node('Reshape', [to.inLayerOrder(value).name, to.integers(sizes)]), shape: raised };
  });
}

const merge =
  (emit: (to: Conversion, values: readonly string[]) => string): LayerConverter =>
  (to, call) => {
    const values = inOneRank(to, call);
    const { flattened } = values[0]!;
    const name = emit(
      to,
      values.map((value) => value.name),
    );
    return { name, shape: call.outputShape, ...(flattened === undefined ? {} : { flattened }) };
  };

const twoByTwo = (opType: string): LayerConverter =>
  merge((to, values) => values.reduce((a, b) => to.node(opType, [a, b])));
const together = (opType: string): LayerConverter => merge((to, values) => to.node(opType, values));

export const Add = twoByTwo('Add');
export const Multiply = twoByTwo('Mul');
export const Average = together('Mean');
export const Maximum = together('Max');
export const Minimum = together('Min');

export const Concatenate: LayerConverter = (to, { inputs, config, outputShape }) => {
  const values = inputs.map((input) => to.inLayerOrder(input));
  const axis = onnxAxis(values[0]!, (config.axis ?? -1) as number, to.axes);
  const names = values.map(({ name }) => name);
  return { name: to.node('Concat', names, { axis }), shape: outputShape };
};
