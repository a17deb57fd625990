// Constants that exporters compute in the graph: torch.onnx.export without optimization expands a zero to a bias for each
// convolution that has none, in the type of its input.
import type { Model } from '@percept/onnx';
import { GraphEditor, inferTypes } from '@percept/onnx/graph';

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
