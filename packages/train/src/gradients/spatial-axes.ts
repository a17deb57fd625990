// Convolutions and pools of one axis are those of two, the first of which has one element.
import type { Attribute, Node } from '@percept/onnx';
import type { Gradient } from './gradient.js';

/** Values of a list attribute for an axis of one element, by attribute. */
const neutral: Readonly<Record<string, number>> = {
  dilations: 1,
  kernel_shape: 1,
  output_padding: 0,
  output_shape: 1,
  strides: 1,
};

/** The node seen along one of its `count` spatial axes: as one of two axes, the first of which has one element. */
export function alongAxis(node: Node, axis: number, count: number): Node {
  const attributes: Record<string, Attribute> = { ...node.attributes };
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (attribute.type !== 'ints') continue;
    const { value } = attribute;
    if (name === 'pads') attributes[name] = { type: 'ints', value: [0, value[axis]!, 0, value[axis + count]!] };
    else if (neutral[name] !== undefined) attributes[name] = { type: 'ints', value: [neutral[name], value[axis]!] };
  }
  return { ...node, attributes };
}

/** The gradient of an operator of two spatial axes, for one of one or two: values `[A, B, C]` are seen as `[A, B, 1, C]`. */
export function forOneAxisToo(gradient: Gradient): Gradient {
  return (context) => {
    const { g, node, inputs, inputDims, output, outputDims, dY } = context;
    if (inputDims[0]!.length !== 3) return gradient(context);
    const lifted = (dims: readonly number[]): number[] =>
      dims.length === 3 ? [dims[0]!, dims[1]!, 1, dims[2]!] : [...dims];
    const lift = (value: string, dims: readonly number[]): string =>
      dims.length === 3 ? g.reshape(value, lifted(dims)) : value;
    const dYLifted = lift(dY, outputDims);
    const results = gradient({
      ...context,
      node: alongAxis(node, 0, 1),
      inputs: inputs.map((value, at) => lift(value, inputDims[at]!)),
      inputDims: inputDims.map(lifted),
      output: lift(output, outputDims),
      outputDims: lifted(outputDims),
      dY: dYLifted,
      dYs: [dYLifted],
    });
    return results.map((value, at) =>
      value === undefined || inputDims[at]!.length !== 3 ? value : g.reshape(value, inputDims[at]!),
    );
  };
}
