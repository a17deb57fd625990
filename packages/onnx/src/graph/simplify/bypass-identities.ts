import { elementTypeName } from '../../element-types.js';
import type { Node } from '../../model.js';
import type { TypeProto } from '../../model-types.js';
import { attributes } from '../attributes.js';
import type { GraphEditor } from '../graph-editor.js';
import { isInferenceDropout } from './random-operators.js';

/**
 * Takes out nodes that pass their input on: Identity, Dropout at inference, Cast to the type that a value has, Transpose
 * that keeps the order, Concat, Sum, Mean, Max and Min of one input. What a graph output needs for its name stays.
 *
 * @returns how many nodes went
 */
export function bypassIdentities(
  editor: GraphEditor,
  type: (value: string) => TypeProto | undefined,
  opset: number,
): number {
  let count = 0;
  for (const node of [...editor.graph.nodes]) {
    if (passesOn(node, editor, type, opset) && editor.bypass(node)) count++;
  }
  return count;
}

function passesOn(
  node: Node,
  editor: GraphEditor,
  type: (value: string) => TypeProto | undefined,
  opset: number,
): boolean {
  if (node.domain !== '') return false;
  switch (node.opType) {
    case 'Identity':
      return true;
    case 'Dropout':
      return isInferenceDropout(node, editor, opset);
    case 'Cast': {
      const from = type(node.inputs[0]!);
      const to = opset < 6 ? undefined : attributes(node).int('to', undefined);
      return from?.kind === 'tensor' && to !== undefined && from.elementType === elementTypeName(to);
    }
    case 'Transpose':
      return attributes(node)
        .ints('perm', [1])
        .every((axis, at) => axis === at);
    case 'Concat':
    case 'Max':
    case 'Mean':
    case 'Min':
    case 'Sum':
      return node.inputs.length === 1;
    default:
      return false;
  }
}
