import type { Node } from '@percept/onnx';

/**
 * Turns MaxPool(Relu(x)) into Relu(MaxPool(x)), which is the same function: the ReLU and its gradient then work on the
 * smaller map. Only for training; the order in the model stays, because quantizers fuse a ReLU with the convolution
 * before it.
 */
export function poolBeforeRelu(nodes: readonly Node[], output: string): Node[] {
  const users = new Map<string, Node[]>();
  for (const node of nodes) for (const name of node.inputs) users.set(name, [...(users.get(name) ?? []), node]);
  const pooled = new Map<Node, Node>();
  for (const relu of nodes) {
    const [value] = relu.outputs as [string];
    const [pool, ...others] = users.get(value) ?? [];
    const alone = relu.opType === 'Relu' && value !== output && others.length === 0;
    if (alone && pool?.opType === 'MaxPool' && pool.outputs.length === 1) pooled.set(pool, relu);
  }
  const moved = new Set(pooled.values());
  return nodes.flatMap((node) => {
    const relu = pooled.get(node);
    if (relu === undefined) return moved.has(node) ? [] : [node];
    const between = `${relu.outputs[0]}.pooled`;
    return [
      { ...node, inputs: [...relu.inputs], outputs: [between] },
      { ...relu, inputs: [between], outputs: [...node.outputs] },
    ];
  });
}
