import { PerceptError, parseOptions, tensor } from '@percept/core';
import { cloneModel, type Model, type Node, readModel, type ValueInfo } from '@percept/onnx';
import {
  constantOf,
  convertOpset,
  describeNode,
  GraphEditor,
  graphsWithin,
  inferTypes,
  simplifyModel,
} from '@percept/onnx/graph';
import * as z from 'zod';
import { castsOfKnownType, numbersWithoutDims, withoutComputedBiases } from './computed-constants.js';
import { freeBatch } from './dynamic-batch.js';
import { takeOffActivation } from './final-activation.js';
import { inferenceForm } from './inference-form.js';
import { learnedWeights, withOpenWeights } from './learned-weights.js';
import { notTrainable } from './not-trainable.js';
import { takePixelsFirst } from './pixels-last.js';
import { recognizeStochasticDepth } from './stochastic-depth.js';

/** Options of {@link fromOnnx}. */
export interface FromOnnxOptions {
  /** Name of the output to train, where the model has several. The others are dropped. */
  output?: string;
  /**
   * How the batches of the trained model have the pixels where the file takes images `[N, H, W, C]`, as Keras's do: `NCHW`,
   * as Percept makes batches, or `NHWC` as in the file, for a `preprocess` with `layout: 'NHWC'`. Default `NCHW`.
   */
  layout?: 'NCHW' | 'NHWC';
}

const schema = z.strictObject({
  output: z.string().min(1).optional(),
  layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
});
const opsets = { oldest: 17, newest: 22 } as const;

/**
 * Turns a stock inference file into a model to train: one float32 input `[N, …]` for any N, one output of logits
 * `[N, classes]`, every weight an initializer of its own under its name in the file.
 *
 * - Shape arithmetic and other constants are folded, what no output needs is dropped, operators are brought to opset 17.
 *   What is computed from a weight (a scale reshaped, a matrix transposed) stays, so that it is the weight that learns.
 * - A Softmax, LogSoftmax or Sigmoid at the end is taken off; the metadata notes it and `exportInference` puts it back.
 * - Scores `[N, classes, 1, 1]` are flattened.
 * - Images `[N, H, W, C]` that the file transposes before its first convolution become `[N, C, H, W]`: files of Keras train
 *   on Percept's batches, and `exportInference` makes models that take these. Where no Transpose tells (a Flatten at once),
 *   the input stays, for batches of `layout: 'NHWC'`.
 * - A file exported for a fixed number of images takes any number.
 * - Weights that the exporter shared because they were equal (Identity of an initializer) become separate ones.
 * - BatchNormalization and Dropout of a file exported for training are brought to their inference form, which is trained
 *   all the same; stochastic depth becomes a Dropout of whole rows. Where BatchNormalization was folded into the
 *   convolutions, or is written as arithmetic with constants, as Keras exports it, these are trained as they are.
 *
 * Whether every operator has a gradient is told by `Trainer` and `differentiate`. The given model is not changed, but
 * weights are shared with it, or are views of the bytes.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` for what stands in the way: several inputs or outputs, inputs or weights that
 *   are not float32, data in other files, functions, control flow, a batch built into the graph;
 *   `ONNX_OPSET_UNCONVERTIBLE`, `ONNX_MODEL_MALFORMED`, `INVALID_ARGUMENT`; `ONNX_METADATA_INVALID` and
 *   `ONNX_METADATA_UNSUPPORTED` where the order of the pixels changes but the metadata cannot be read
 */
export function fromOnnx(source: Model | Uint8Array, options: FromOnnxOptions = {}): Model {
  const { output, layout } = parseOptions(schema, options, 'fromOnnx() options');
  const given = source instanceof Uint8Array ? readModel(source) : source;
  if ((given as Model | undefined)?.graph?.nodes === undefined) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected a Model or the bytes of an ONNX file for fromOnnx()');
  }
  checkContents(given);
  const model = atOpset(cloneModel(given));
  const input = onlyInput(model);
  onlyOutput(model, output);
  const inline = inlineConstants(model);
  ownConstants(model);
  const weights = new Set([...model.graph.initializers.keys()].filter((name) => !inline.has(name)));
  inferenceForm(model);
  castsOfKnownType(model);
  keepDropouts(model, true);
  const learned = new Set([...learnedWeights(model.graph)].filter((name) => weights.has(name)));
  const simplified = withOpenWeights(model, learned, (open) => simplifyModel(open).model);
  withoutComputedBiases(simplified, weights);
  numbersWithoutDims(simplified, weights);
  keepDropouts(simplified, false);
  recognizeStochasticDepth(simplified);
  bypassFinalIdentity(simplified);
  takeOffActivation(simplified);
  if (layout === 'NCHW') takePixelsFirst(simplified, input);
  freeBatch(simplified, input);
  flattenScores(simplified);
  return simplified;
}

function checkContents(model: Model): void {
  const raw = [...(model.graph.rawInitializers ?? [])];
  if (raw.length > 0) {
    const advice =
      'Open the file with openModel() of @percept/onnx if its weights lie in another file; convert weights of other types to float32';
    throw notTrainable(
      'weights in the file itself, of a type that JavaScript has',
      `${raw[0]![0]}, which is not`,
      advice,
    );
  }
  if ((model.functions?.length ?? 0) > 0) {
    const names = model.functions!.map(({ name }) => name).join(', ');
    throw notTrainable('standard operators only', `functions of the model (${names})`, 'Export it without functions');
  }
  const branch = model.graph.nodes.find((node) => [...graphsWithin({ ...model.graph, nodes: [node] })].length > 1);
  if (branch !== undefined) {
    const advice = 'Export the model for one fixed path, without If, Loop and Scan';
    throw notTrainable('a graph without control flow', describeNode(branch), advice, { node: branch.name });
  }
  const half = [...model.graph.initializers].find(([, { type }]) => type === 'float16' || type === 'float64');
  if (half !== undefined) {
    const advice = 'Export the model in float32; it can be converted after training';
    throw notTrainable('float32 weights', `${half[0]} of ${half[1].type}`, advice, { weight: half[0] });
  }
}

function atOpset(model: Model): Model {
  const opset = model.opsets[''] ?? 1;
  if (opset < opsets.oldest) return convertOpset(model, opsets.oldest);
  if (opset <= opsets.newest) return model;
  const advice = `Export the model with opset ${opsets.newest} or less`;
  throw notTrainable(`an opset up to ${opsets.newest}`, String(opset), advice);
}

/** Drops inputs that only override an initializer, and gives the name of the one that is left. */
function onlyInput({ graph }: Model): string {
  graph.inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const [input] = graph.inputs;
  if (graph.inputs.length !== 1 || input?.type !== 'float32' || input.dims === undefined || input.dims.length < 2) {
    const advice = 'Cut the model down to one branch with extractSubgraph() of @percept/onnx/graph';
    throw notTrainable('one float32 input [N, …]', list(graph.inputs), advice);
  }
  return input.name;
}

function onlyOutput({ graph }: Model, wanted: string | undefined): void {
  const names = graph.outputs.map(({ name }) => name);
  if (wanted === undefined ? names.length !== 1 : !names.includes(wanted)) {
    const expected = wanted === undefined ? 'one output' : `an output ${wanted}`;
    throw notTrainable(expected, list(graph.outputs), `Name one of them in the option output`);
  }
  const editor = new GraphEditor(graph);
  for (const name of names) if (wanted !== undefined && name !== wanted) editor.removeOutput(name);
  editor.removeUnused();
}

/** Names of what Constant nodes give: parts of formulas, which may be folded. */
function inlineConstants({ graph }: Model): ReadonlySet<string> {
  const nodes = graph.nodes.filter(({ opType, domain }) => opType === 'Constant' && domain === '');
  return new Set(nodes.flatMap(({ outputs }) => outputs));
}

/** Makes every constant an initializer, and gives each that an Identity passes on its own copy under the Identity's name. */
function ownConstants({ graph }: Model): void {
  const editor = new GraphEditor(graph);
  for (const node of [...graph.nodes]) {
    const passed = node.opType === 'Identity' && node.domain === '' ? editor.constant(node.inputs[0]) : undefined;
    const value = constantOf(node) ?? passed;
    if (value !== undefined && !editor.isOutput(node.outputs[0]!)) editor.replaceByConstants(node, [value]);
  }
}

/** Marks Dropouts as training, so that simplifying does not take them out, or takes the mark away again. */
function keepDropouts({ graph }: Model, mark: boolean): void {
  const editor = new GraphEditor(graph);
  const dropouts = graph.nodes.filter(({ opType, domain }) => opType === 'Dropout' && domain === '');
  if (dropouts.length === 0) return;
  const yes = mark ? editor.addConstant('dropout.training', tensor('bool', [], [1])) : '';
  for (const node of dropouts) editor.setInput(node, 2, yes);
  editor.removeUnused();
}

function bypassFinalIdentity({ graph }: Model): void {
  const editor = new GraphEditor(graph);
  for (let node = last(editor); node?.opType === 'Identity' && editor.bypass(node); node = last(editor));
}

function last(editor: GraphEditor): Node | undefined {
  return editor.producer(editor.graph.outputs[0]!.name);
}

function flattenScores(model: Model): void {
  const { graph } = model;
  const [output] = graph.outputs as [ValueInfo];
  const type = inferTypes(model).of(graph).get(output.name);
  const dims = type?.kind === 'tensor' ? (type.dims ?? output.dims) : undefined;
  if (dims === undefined) return;
  const classes = dims[1];
  const flat = dims.length > 2 && dims.slice(2).every((size) => size === 1);
  if (dims.length < 2 || (dims.length > 2 && !flat)) {
    const advice =
      'Name another output in the option output, or cut the model with extractSubgraph() of @percept/onnx/graph';
    throw notTrainable('scores [N, classes]', `${output.name} [${dims.map((size) => size ?? '?').join(', ')}]`, advice);
  }
  const editor = new GraphEditor(graph);
  editor.removeOutput(output.name);
  let { name } = output;
  if (flat) {
    const flatten = {
      opType: 'Flatten',
      inputs: [name],
      outputs: [editor.freshName('logits')],
      attributes: { axis: 1 },
    };
    name = editor.insert(flatten).outputs[0]!;
  }
  editor.addOutput({ ...output, name, type: 'float32', dims: ['N', classes] });
}

function list(infos: readonly ValueInfo[]): string {
  const text = infos.map(
    ({ name, type, dims }) => `${name}: ${type ?? '?'}[${dims?.map((size) => size ?? '?') ?? '…'}]`,
  );
  return text.join(', ') || 'none';
}
