import type { Model, Node } from '@percept/onnx';
import { GraphEditor } from '@percept/onnx/graph';

/**
 * Brings BatchNormalization and Dropout of a model exported for training to the form for inference, in place: the one
 * uses its running statistics, the other passes its input on. What only training needed of their outputs is dropped.
 */
export function inferenceForm({ graph }: Model): void {
  const editor = new GraphEditor(graph);
  for (const node of [...graph.nodes]) {
    if (node.domain !== '') continue;
    if (node.opType === 'BatchNormalization' || node.opType === 'Dropout') toInference(editor, node);
  }
  editor.removeUnused();
}

function toInference(editor: GraphEditor, node: Node): void {
  const { training_mode: _, ...attributes } = node.attributes;
  const inputs = node.opType === 'Dropout' ? node.inputs.slice(0, 2) : node.inputs;
  // A reader of the other outputs makes the editor refuse: they have no meaning at inference.
  const spec = { opType: node.opType, inputs, outputs: [node.outputs[0]!], attributes, name: node.name };
  editor.replace(node, [spec]);
}
