// Constants that are no weights: torch.onnx.export without optimization expands a zero to a bias for each convolution that
// has none, in the type of its input; numbers of formulas have dimensions.
import { type Tensor, tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import { GraphEditor, inferTypes } from '@percept/onnx/graph';
import { isFormula } from '../differentiability.js';

/** Makes every CastLike whose type is known a Cast, in place, so that constants behind it fold. */
export function castsOfKnownType(model: Model): void {
  const { graph } = model;
  const casts = graph.nodes.filter(({ opType, domain }) => opType === 'CastLike' && domain === '');
  if (casts.length === 0) return;
  const types = inferTypes(model).of(graph);
  const editor = new GraphEditor(graph);
  for (const node of casts) {
    const type = types.get(node.inputs[1]!);
    const to = type?.kind === 'tensor' ? numbers[type.elementType as string] : undefined;
    if (to === undefined) continue;
    const { inputs, outputs, name } = node;
    editor.replace(node, [{ opType: 'Cast', inputs: [inputs[0]!], outputs, attributes: { to }, name }]);
  }
}

/** ONNX's numbers of the element types that formulas are cast to. */
const numbers: Readonly<Record<string, number>> = {
  ...{ float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 },
};

/** Takes off the zero biases of convolutions that were computed in the graph, in place: they are no parameters. */
export function withoutComputedBiases({ graph }: Model, weights: ReadonlySet<string>): void {
  const editor = new GraphEditor(graph);
  for (const node of graph.nodes) {
    if (node.domain !== '' || (node.opType !== 'Conv' && node.opType !== 'ConvTranspose')) continue;
    const bias = node.inputs[2] ?? '';
    if (bias === '' || weights.has(bias)) continue;
    // Simplifying leaves long ones as they are: an Expand of a single zero.
    const maker = editor.producer(bias);
    const value = editor.constant(maker?.opType === 'Expand' ? maker.inputs[0]! : bias);
    if (value?.type === 'float32' && (value.data as Float32Array).every((number) => number === 0)) {
      editor.setInput(node, 2, '');
    }
  }
  editor.removeUnused();
}

/**
 * Takes the dimensions from numbers of formulas that are written as tensors of one element, in place: what has a dimension
 * would be learned. They are vectors that the graph computes, such as the scale of an attention, and what tf2onnx stores
 * with a dimension for each of what it stands beside: the epsilon of a normalization, the 3 of a hard sigmoid.
 * `weights` are the constants that the file itself stores.
 */
export function numbersWithoutDims(model: Model, weights: ReadonlySet<string>): void {
  const { graph } = model;
  const editor = new GraphEditor(graph);
  const isNumber = (name: string, { type, dims }: Tensor): boolean => {
    if (type !== 'float32' || dims.length === 0 || dims.some((size) => size !== 1)) return false;
    return dims.length === 1 ? !weights.has(name) : model.producerName === 'tf2onnx';
  };
  const numbers = [...graph.initializers].filter(([name, value]) => isNumber(name, value));
  if (numbers.length === 0) return;
  const types = inferTypes(model).of(graph);
  const rank = (name: string): number => {
    const type = types.get(name);
    return type?.kind === 'tensor' ? (type.dims?.length ?? 0) : 0;
  };
  for (const [name, { dims, data }] of numbers) {
    const readers = graph.nodes.filter(({ inputs }) => inputs.includes(name));
    // Beside a value of fewer dimensions the number gives the result its own.
    const safe = readers.every(
      (node) => isFormula(node) && node.inputs.some((other) => other !== name && rank(other) >= dims.length),
    );
    if (safe) editor.setConstant(name, tensor('float32', [], data as Float32Array));
  }
}
