import type { Attribute, Node } from '../../model.js';
import { isRawTensor } from '../../model-tensors.js';
import type { GraphEditor } from '../graph-editor.js';
import { subgraphsOf } from '../scope.js';
import { isRandom } from './random-operators.js';

/** Constants with more elements are not compared. */
const longest = 1024;

/**
 * Merges nodes that compute the same: of one operator, with equal inputs and attributes. Equal small integer constants
 * are merged too; equal weights are not, since training may tell them apart. Random nodes, nodes that hold graphs and
 * nodes that make graph outputs stay.
 *
 * @returns how many nodes went
 */
export function mergeCommonSubexpressions(editor: GraphEditor, opset: number): number {
  mergeConstants(editor);
  const first = new Map<string, Node>();
  let count = 0;
  for (const node of [...editor.graph.nodes]) {
    if (subgraphsOf(node).length > 0 || isRandom(node, editor, opset)) continue;
    const key = nodeKey(node);
    if (key === undefined) continue;
    const same = first.get(key);
    if (same === undefined) first.set(key, node);
    else if (!node.outputs.some((name) => editor.isOutput(name))) {
      for (const [at, name] of node.outputs.entries()) if (name !== '') editor.rewire(name, same.outputs[at]!);
      editor.remove(node);
      count++;
    }
  }
  return count;
}

function mergeConstants(editor: GraphEditor): void {
  const first = new Map<string, string>();
  for (const [name, { type, dims, data }] of editor.graph.initializers) {
    if ((type !== 'int64' && type !== 'int32') || data.length > longest || editor.isInput(name)) continue;
    const key = `${type}[${dims}]${data}`;
    const same = first.get(key);
    if (same === undefined) first.set(key, name);
    else editor.rewire(name, same);
  }
}

/** Equal for nodes that compute the same; `undefined` where that is not worth finding out. */
function nodeKey(node: Node): string | undefined {
  const attributes = Object.entries(node.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const keys = attributes.map(([name, attribute]) => [name, attributeKey(attribute)]);
  if (keys.some(([, key]) => key === undefined)) return undefined;
  const given = node.outputs.map((name) => name !== '');
  return JSON.stringify([node.domain, node.opType, node.overload ?? '', node.inputs, given, keys]);
}

function attributeKey(attribute: Attribute): string | undefined {
  switch (attribute.type) {
    case 'float':
    case 'floats':
      // Exact: JSON would write -0 as 0 and NaN as null.
      return `${attribute.type}:${[attribute.value].flat().map((value) => (Object.is(value, -0) ? '-0' : value))}`;
    case 'int':
    case 'ints':
    case 'string':
    case 'strings':
      return `${attribute.type}:${JSON.stringify([attribute.value, String('exact' in attribute ? attribute.exact : '')])}`;
    case 'tensor': {
      const { type, dims, data } = attribute.value;
      if (data.length > longest || isRawTensor(attribute.value)) return undefined;
      return `${type}[${dims}]${Array.from(data as ArrayLike<unknown>, (value) => (Object.is(value, -0) ? '-0' : value))}`;
    }
    default:
      return undefined;
  }
}
