import { tensor } from '@percept/core';
import { cloneModel, type Dimension, type Model } from '@percept/onnx';
import { GraphEditor, inferTypes } from '@percept/onnx/graph';
import { hoistConstants } from '../graph/simplify.js';

/** Inputs that tell nodes sizes, places and axes. */
const settings: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Expand: [1],
  Pad: [1, 3],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  Unsqueeze: [1],
  Resize: [3],
};

/**
 * A copy of a model in which the sizes that pruning has to change stand in constants: Constant nodes become initializers,
 * and so does what exporters compute of sizes that are known; a shape that a Reshape gets computed from the batch size
 * becomes one with -1 in that place. Nothing else changes; Dropouts and the names of the weights stay, so that the model
 * trains as before.
 */
export function prepareForPruning(model: Model): Model {
  const result = cloneModel(model);
  const { graph } = result;
  hoistConstants(graph);
  const contents = inferTypes(result).contentsOf(graph);
  const editor = new GraphEditor(graph);
  for (const node of [...graph.nodes]) {
    const inputs = node.domain === '' ? settings[node.opType] : undefined;
    for (const input of inputs ?? []) {
      const name = node.inputs[input] ?? '';
      if (name === '' || graph.initializers.has(name)) continue;
      const values = knownValues(contents.get(name), node.opType === 'Reshape');
      if (values === undefined) continue;
      const constant = tensor('int64', [values.length], values.map(BigInt));
      editor.setInput(node, input, editor.addConstant(`${name}_known`, constant));
    }
  }
  editor.removeUnused();
  return result;
}

/** The numbers, where all are known; in a shape one may be open, and then no other may be taken from the input. */
function knownValues(values: readonly Dimension[] | undefined, isShape: boolean): number[] | undefined {
  if (values === undefined) return undefined;
  const open = values.filter((value) => typeof value !== 'number');
  if (open.length === 0) return values as number[];
  if (!isShape || open.length > 1 || values.includes(-1) || values.includes(0)) return undefined;
  return values.map((value) => (typeof value === 'number' ? value : -1));
}
