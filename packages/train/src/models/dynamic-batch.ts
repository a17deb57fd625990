import { isPerceptError, tensor } from '@percept/core';
import { type Dimension, type Graph, type Model, type Node, topologicalSort } from '@percept/onnx';
import { describeNode, GraphEditor, inferTypes, type ValueTypes } from '@percept/onnx/graph';
import { notTrainable } from './not-trainable.js';

const advice = 'Export the model again with a dynamic batch (torch.onnx.export: dynamic_axes or dynamic_shapes)';

/**
 * Lets a model, exported for a fixed number of images, take any number, in place: the batch is no longer declared, no
 * Reshape spells it out, and what is joined to every image of a batch of one, such as a class token, is repeated. A model that takes any number stays as it is.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID`, naming the node, where the number is built into the graph
 */
export function freeBatch(model: Model, input: string): void {
  const { graph } = model;
  const info = graph.inputs.find(({ name }) => name === input)!;
  const [batch, ...rest] = info.dims as [Dimension, ...Dimension[]];
  if (typeof batch === 'number') {
    const types = inferTypes(model).of(graph);
    freeReshapes(graph, types, batch);
    if (batch === 1) repeatJoined(graph, types);
    graph.inputs = graph.inputs.map((old) => (old === info ? { ...old, dims: ['N', ...rest] } : old));
    graph.outputs = graph.outputs.map((output) => ({ ...output, dims: output.dims && ['N', ...output.dims.slice(1)] }));
    // Declared for the old batch.
    graph.valueInfos = [];
  }
  checkBatch(model, input, rest);
}

/** Reshapes that name the batch take it from their input instead, or from what the other sizes leave. */
function freeReshapes(graph: Graph, types: ValueTypes, batch: number): void {
  const editor = new GraphEditor(graph);
  for (const node of [...graph.nodes]) {
    if (node.opType !== 'Reshape' || node.domain !== '' || editor.constant(node.inputs[0]) !== undefined) continue;
    const shape = editor.constant(node.inputs[1]);
    const sizes = shape === undefined ? [] : Array.from(shape.data, Number);
    if (sizes[0] !== batch) continue;
    // Elsewhere the first axis holds other things beside the batch, such as the heads of an attention.
    const kept = firstSize(types, node.inputs[0]!) === batch;
    if (!kept && sizes.slice(1).some((size) => size < 1)) continue;
    // With allowzero a 0 is a size, so one that stands in the shape cannot stay beside one that means "as it is".
    const allowZero = node.attributes.allowzero;
    if (allowZero?.type === 'int' && allowZero.value === 1 && sizes.includes(0)) continue;
    delete node.attributes.allowzero;
    const freed = tensor('int64', [sizes.length], [kept ? 0 : -1, ...sizes.slice(1)]);
    editor.setInput(node, 1, editor.addConstant(`${node.inputs[1]}.anyBatch`, freed));
  }
  editor.removeUnused();
}

/** Constants `[1, …]` that a Concat joins to images are repeated as often as there are images. */
function repeatJoined(graph: Graph, types: ValueTypes): void {
  const editor = new GraphEditor(graph);
  const images = valuesOfImages(graph);
  for (const node of [...graph.nodes]) {
    const axis = node.attributes.axis;
    if (node.opType !== 'Concat' || node.domain !== '' || axis?.type !== 'int' || axis.value === 0) continue;
    const image = node.inputs.find((name) => images.has(name) && firstSize(types, name) === 1);
    if (image === undefined) continue;
    for (const [index, name] of node.inputs.entries()) {
      const type = types.get(name);
      const rank = type?.kind === 'tensor' ? (type.dims?.length ?? 0) : 0;
      if (images.has(name) || rank < 2) continue;
      const count = editor.insert({ opType: 'Shape', inputs: [image], attributes: { start: 0, end: 1 } }).outputs[0]!;
      const ones = editor.addConstant('ones', tensor('int64', [rank - 1], new Array<number>(rank - 1).fill(1)));
      const sizes = editor.insert({ opType: 'Concat', inputs: [count, ones], attributes: { axis: 0 } }).outputs[0]!;
      editor.setInput(node, index, editor.insert({ opType: 'Expand', inputs: [name, sizes] }).outputs[0]!);
    }
  }
}

/** Names of the values that depend on the images; all others are constants, or computed of constants. */
function valuesOfImages(graph: Graph): ReadonlySet<string> {
  const found = new Set(graph.inputs.map(({ name }) => name));
  for (const node of topologicalSort(graph)) {
    if (node.inputs.some((name) => found.has(name))) for (const name of node.outputs) found.add(name);
  }
  return found;
}

function firstSize(types: ValueTypes, value: string): Dimension {
  const type = types.get(value);
  return type?.kind === 'tensor' ? type.dims?.[0] : undefined;
}

/** Infers the sizes for two numbers of images: what does not follow them stands in the way. */
function checkBatch(model: Model, input: string, rest: readonly Dimension[]): void {
  const { graph } = model;
  const [two, three] = [2, 3].map((batch) => typesFor(model, input, [batch, ...rest])) as [ValueTypes, ValueTypes];
  const output = graph.outputs[0]!.name;
  const dims = (types: ValueTypes, name: string): readonly Dimension[] | undefined => {
    const type = types.get(name);
    return type?.kind === 'tensor' ? type.dims : undefined;
  };
  const follows = (name: string): boolean => {
    const [a, b] = [dims(two, name), dims(three, name)];
    return a === undefined || b === undefined || String(a) !== String(b) || a.includes(undefined);
  };
  if (follows(output)) return;
  const stops = (node: Node): boolean =>
    node.opType !== 'Shape' && node.inputs.some((name) => name !== '' && follows(name)) && !follows(node.outputs[0]!);
  const culprit = graph.nodes.find(stops);
  throw notTrainable(
    'an output for each image of the batch',
    `one that does not follow the batch${culprit === undefined ? '' : ` from ${describeNode(culprit)} on`}`,
    advice,
    { node: culprit?.name },
  );
}

function typesFor(model: Model, input: string, dims: readonly Dimension[]): ValueTypes {
  try {
    return inferTypes(model, { inputDims: { [input]: dims } }).of(model.graph);
  } catch (cause) {
    if (!isPerceptError(cause)) throw cause;
    throw notTrainable('a model that takes any number of images', `one that does not (${cause.message})`, advice, {
      cause: cause.message,
    });
  }
}
