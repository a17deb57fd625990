import type { Node } from '../../model.js';
import { attributes } from '../attributes.js';
import type { GraphEditor } from '../graph-editor.js';

const random = new Set([
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
]);

/** Whether a node may give other values each time it runs. What is not of the standard's domains is not known to repeat. */
export function isRandom(node: Node, editor: GraphEditor, opset: number): boolean {
  if (node.domain !== '') return true;
  if (random.has(node.opType)) return true;
  return node.opType === 'Dropout' && !isInferenceDropout(node, editor, opset);
}

/** Whether a Dropout passes its input on. */
export function isInferenceDropout(node: Node, editor: GraphEditor, opset: number): boolean {
  if (node.opType !== 'Dropout' || node.domain !== '') return false;
  // Before opset 7 it trains unless told otherwise; from 7 to 11 it never does; since 12 an input says so.
  if (opset < 7) return attributes(node).int('is_test', 0) !== 0;
  const mode = opset < 12 ? '' : (node.inputs[2] ?? '');
  return mode === '' || editor.constant(mode)?.data[0] === 0;
}
