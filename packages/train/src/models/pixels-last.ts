// Files of Keras take images [N, H, W, C] and transpose them before the first convolution; Percept's batches are
// [N, C, H, W].
import { type Model, type Node, readMetadata, withMetadata } from '@percept/onnx';
import { attributes, GraphEditor } from '@percept/onnx/graph';

const toPixelsFirst = [0, 3, 1, 2];
const toPixelsLast = [0, 2, 3, 1];

/** Operators that may stand between the images and the Transpose: scaling of pixels, and padding. */
const preparing = new Set(['Add', 'Cast', 'Clip', 'Div', 'Identity', 'Mul', 'Pad', 'Sub']);

/**
 * Lets a model that takes images `[N, H, W, C]` take `[N, C, H, W]`, in place; its input keeps the name. A model is known
 * to be one by a Transpose to `[N, C, H, W]` that every way from the images leads to. What the metadata says of the order
 * follows.
 *
 * @throws PerceptError `ONNX_METADATA_INVALID`, `ONNX_METADATA_UNSUPPORTED` where the metadata of such a model is broken
 */
export function takePixelsFirst(model: Model, input: string): void {
  const { graph } = model;
  const info = graph.inputs.find(({ name }) => name === input)!;
  const editor = new GraphEditor(graph);
  if (info.dims?.length !== 4 || !takesPixelsLast(editor, input)) return;
  const [batch, height, width, channels] = info.dims;
  graph.inputs = graph.inputs.map((old) => (old === info ? { ...old, dims: [batch, channels, height, width] } : old));
  const readers = editor.readers(input);
  const others = readers.filter((node) => !isToPixelsFirst(node));
  for (const node of readers) if (!others.includes(node)) editor.bypass(node);
  if (others.length > 0) {
    const { outputs } = editor.insert({ opType: 'Transpose', inputs: [input], attributes: { perm: toPixelsLast } });
    editor.rewire(input, outputs[0]!, { readers: others });
  }
  const { preprocess } = readMetadata(model);
  if (preprocess?.layout !== 'NHWC') return;
  model.metadata = withMetadata(model, { preprocess: { ...preprocess, layout: 'NCHW' } }).metadata;
}

function takesPixelsLast(editor: GraphEditor, input: string): boolean {
  let found = false;
  const images = new Set([input]);
  for (const value of images) {
    if (editor.isOutput(value)) return false;
    for (const node of editor.readers(value)) {
      if (isToPixelsFirst(node)) found = true;
      else if (node.domain === '' && preparing.has(node.opType)) images.add(node.outputs[0]!);
      else if (node.domain !== '' || node.opType !== 'Shape') return false;
    }
  }
  return found;
}

function isToPixelsFirst(node: Node): boolean {
  if (node.domain !== '' || node.opType !== 'Transpose') return false;
  return String(attributes(node).ints('perm', [])) === String(toPixelsFirst);
}
