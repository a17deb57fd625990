import { parseOptions, tensor } from '@percept/core';
import { cloneModel, type Model } from '@percept/onnx';
import { describeNode, GraphEditor, inferTypes } from '@percept/onnx/graph';
import * as z from 'zod';
import { keyedInitialization, torchDefault } from '../builders/initialization.js';
import { findHead, type Head, selectsClasses } from './head.js';
import { notTrainable } from './not-trainable.js';

/** Options of {@link replaceHead}. */
export interface ReplaceHeadOptions {
  /** New number of classes, at least 2. */
  classes: number;
  /** The same seed gives the same weights, bit for bit. Default 0. */
  seed?: number;
  /** New name of the model's output. Default `logits`. */
  output?: string;
}

const schema = z.strictObject({
  classes: z.int().min(2),
  seed: z.int().optional(),
  output: z.string().min(1).optional(),
});

/**
 * A model for other classes: its last layer (Gemm, MatMul with Add, or 1×1 Conv) gets new weights for so many classes,
 * uniform within ±1/√features as `torch.nn.Linear` draws them, the bias too; all other weights stay and are shared with
 * the model given, which is not changed. A layer without a bias stays without. What the metadata said of the old classes
 * (labels, reference profile, calibration) is dropped.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model ends in something else, or its last weights are used elsewhere
 *   too; `INVALID_ARGUMENT`
 */
export function replaceHead(model: Model, options: ReplaceHeadOptions): Model {
  const { classes, seed = 0, output = 'logits' } = parseOptions(schema, options, 'replaceHead() options');
  const changed = cloneModel(model);
  const { graph } = changed;
  const head = findHead(changed);
  const editor = new GraphEditor(graph);
  drawWeights(editor, head, classes, seed);
  for (const node of head.after) {
    if (selectsClasses(editor, node)) {
      // All of the new classes are wanted.
      editor.replace(node, [{ opType: 'Identity', inputs: [node.inputs[0]!], outputs: [node.outputs[0]!] }]);
    }
    if (node.opType !== 'Reshape') continue;
    const shape = editor.constant(node.inputs[1]);
    if (shape === undefined) continue;
    const sizes = Array.from(shape.data as BigInt64Array, (size) =>
      Number(size) === head.classes ? classes : Number(size),
    );
    editor.setInput(node, 1, editor.addConstant(`${node.inputs[1]}.classes`, tensor('int64', shape.dims, sizes)));
  }
  editor.removeUnused();
  const [info] = graph.outputs;
  if (info!.name !== output) editor.renameValue(info!.name, output);
  graph.outputs = graph.outputs.map((old) => ({
    ...old,
    dims: old.dims?.map((size, axis) => (axis === 1 ? classes : size)),
  }));
  // Declared for the old classes.
  graph.valueInfos = [];
  checkClasses(changed, head, classes);
  for (const key of ['labels', 'profile', 'calibration']) delete changed.metadata[`percept.${key}`];
  return changed;
}

function drawWeights(editor: GraphEditor, head: Head, classes: number, seed: number): void {
  const { node, weight, bias, classAxis, features } = head;
  const initialize = keyedInitialization(seed);
  const rule = torchDefault([classes, features]);
  for (const name of [weight, bias]) {
    if (name === undefined) continue;
    if (editor.readers(name).length !== 1 || editor.isOutput(name)) {
      const advice = 'Give the last layer weights of its own';
      throw notTrainable(`one reader of ${name}`, String(editor.readers(name).length), advice, { weight: name });
    }
    const producer = editor.producer(name);
    if (producer !== undefined) editor.replaceByConstants(producer, [editor.constant(name)]);
    const { dims } = editor.constant(name)!;
    const replaced = dims.map((size, axis) =>
      (name === weight ? axis === classAxis : size === head.classes) ? classes : size,
    );
    editor.setConstant(name, initialize(name, replaced, rule));
  }
  // Factors of Gemm would scale what was drawn.
  delete node.attributes.alpha;
  delete node.attributes.beta;
}

function checkClasses(model: Model, { node }: Head, classes: number): void {
  const { graph } = model;
  const type = inferTypes(model).of(graph).get(graph.outputs[0]!.name);
  const dims = type?.kind === 'tensor' ? type.dims : undefined;
  if (dims === undefined || dims[1] === classes || dims[1] === undefined) return;
  throw notTrainable(
    `${classes} scores from ${describeNode(node)}`,
    `an output [${dims.map((size) => size ?? '?').join(', ')}]`,
    'The layers behind the last weights mix the classes: cut them off with extractSubgraph() of @percept/onnx/graph',
  );
}
