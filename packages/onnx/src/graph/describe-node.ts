import type { Node } from '../model.js';

/** How messages name a node: `Conv "conv1" (makes y)`. */
export function describeNode(node: Node): string {
  const domain = node.domain === '' ? '' : `${node.domain}.`;
  const name = node.name === '' ? '' : ` ${JSON.stringify(node.name)}`;
  const outputs = node.outputs.filter((output) => output !== '').slice(0, 4);
  return `${domain}${node.opType}${name}${outputs.length === 0 ? '' : ` (makes ${outputs.join(', ')})`}`;
}
