// What changed from one version of an operator to the next, beside the element types that it takes. A change that is
// neither here, nor among `widened`, nor one of types alone cannot be converted.
import { tensor } from '@percept/core';
import { type Adapter, type AdapterContext, intsToInput, scalarLike, setConstant } from './adapter.js';

/** Versions that gained attributes or inputs whose defaults are what the version before did. */
export const widened: Readonly<Record<string, readonly number[]>> = {
  ArgMax: [12],
  ArgMin: [12],
  AveragePool: [7, 10, 19],
  BatchNormalization: [15],
  Cast: [19],
  CastLike: [19],
  Constant: [11, 12],
  DepthToSpace: [11],
  DequantizeLinear: [13, 19, 21],
  Dropout: [10],
  GRU: [14],
  GatherND: [12],
  Gemm: [11],
  Identity: [14],
  LSTM: [14],
  LpPool: [18],
  MaxPool: [8, 10],
  OptionalHasElement: [18],
  Pad: [18],
  Pow: [12],
  QLinearMatMul: [21],
  QuantizeLinear: [13, 19, 21],
  RNN: [14],
  Reshape: [14],
  Resize: [18],
  ScatterElements: [16],
  ScatterND: [16],
  Shape: [15],
  TopK: [11],
};

const rankOf = (context: AdapterContext, value: string): number | undefined => {
  const type = context.type(value);
  return type?.kind === 'tensor' ? type.dims?.length : undefined;
};

/** Up to opset 6 the second operand lay along `axis` of the first; since then shapes are aligned at the end. */
const alignedBroadcast: Adapter = (context) => {
  const { node, attributes, editor } = context;
  const spreads = attributes.int('broadcast', 0) !== 0;
  const axis = attributes.int('axis', undefined);
  delete node.attributes.broadcast;
  delete node.attributes.axis;
  if (!spreads || axis === undefined) return;
  const [left, right] = [rankOf(context, node.inputs[0]!), rankOf(context, node.inputs[1]!)];
  if (left === undefined || right === undefined) return context.refuse('the ranks of its operands are not known');
  const behind = left - (axis < 0 ? axis + left : axis) - right;
  if (behind <= 0) return;
  const axes = Array.from({ length: behind }, (_, index) => right + index);
  const aligned = editor.insert(
    { opType: 'Unsqueeze', inputs: [node.inputs[1]!], attributes: { axes } },
    { before: node },
  );
  editor.setInput(node, 1, aligned.outputs[0]!);
};

const slopePerChannel: Adapter = (context) => {
  const { node, editor } = context;
  const [data, slope] = [rankOf(context, node.inputs[0]!), rankOf(context, node.inputs[1]!)];
  if (data === undefined || slope === undefined) return context.refuse('the ranks of its inputs are not known');
  if (slope !== 1 || data <= 2) return;
  const axes = Array.from({ length: data - 2 }, (_, index) => index + 1);
  const aligned = editor.insert(
    { opType: 'Unsqueeze', inputs: [node.inputs[1]!], attributes: { axes } },
    { before: node },
  );
  editor.setInput(node, 1, aligned.outputs[0]!);
};

const forget =
  (...names: readonly string[]): Adapter =>
  ({ node }) => {
    for (const name of names) delete node.attributes[name];
  };

/** Axes move from an attribute to input 1. */
const axesToInput: Adapter = (context) => intsToInput(context, 'axes', 1);

/**
 * Up to opset 12 everything from `axis` (default 1) on was one axis; since then `axis` (default -1) is just that axis.
 * Where it is not the last one: Flatten, the operator, and back to the shape of the input.
 */
const singleAxis: Adapter = (context) => {
  const { node, attributes, editor } = context;
  const axis = attributes.int('axis', 1);
  const [input, output] = [node.inputs[0]!, node.outputs[0]!];
  const rank = rankOf(context, input);
  if (axis === -1 || (rank !== undefined && (axis === rank - 1 || axis + rank === rank - 1))) {
    node.attributes.axis = { type: 'int', value: -1 };
    return;
  }
  const [shape, flat, result] = ['shape', 'flat', 'result'].map((hint) => editor.freshName(`${output}_${hint}`));
  editor.replace(node, [
    { opType: 'Shape', inputs: [input], outputs: [shape!] },
    { opType: 'Flatten', inputs: [input], outputs: [flat!], attributes: { axis } },
    { opType: node.opType, name: node.name, inputs: [flat!], outputs: [result!], attributes: { axis: -1 } },
    { opType: 'Reshape', inputs: [result!, shape!], outputs: [output] },
  ]);
};

/** An inference form that later versions do not tell apart by attributes. */
const inferenceOnly =
  (drops: readonly string[]): Adapter =>
  (context) => {
    const { node, attributes } = context;
    if (attributes.int('is_test', 0) === 0) context.refuse('it is in its training form');
    forget('is_test', 'consumed_inputs', ...drops)(context);
    if (node.opType === 'BatchNormalization') node.outputs = withoutTrailing(context);
  };

/** The outputs after the first, which only training needs, must not be read. */
function withoutTrailing({ node, editor, refuse }: AdapterContext): string[] {
  const extra = node.outputs.slice(1).filter((name) => name !== '');
  if (extra.some((name) => editor.readers(name).length > 0 || editor.isOutput(name)))
    refuse('its training outputs are read');
  return node.outputs.slice(0, 1);
}

const batchNormalization9: Adapter = (context) => {
  if (context.attributes.int('spatial', 1) !== 1) context.refuse('it normalizes each activation (spatial 0)');
  forget('spatial')(context);
};

const ratioToInput: Adapter = (context) => {
  const ratio = context.attributes.float('ratio', 0.5);
  delete context.node.attributes.ratio;
  setConstant(context, 1, 'ratio', tensor('float32', [], [ratio]));
};

const boundsToInputs: Adapter = (context) => {
  const { node, attributes } = context;
  for (const [input, name] of ['min', 'max'].entries()) {
    const bound = attributes.float(name, undefined);
    delete node.attributes[name];
    if (bound !== undefined) setConstant(context, input + 1, name, scalarLike(context, node.inputs[0]!, bound));
  }
};

const padsToInputs: Adapter = (context) => {
  const { node, attributes } = context;
  const value = attributes.float('value', 0);
  delete node.attributes.value;
  intsToInput(context, 'pads', 1);
  if (value !== 0) setConstant(context, 2, 'value', scalarLike(context, node.inputs[0]!, value));
};

const sliceToInputs: Adapter = (context) => {
  for (const [index, name] of ['starts', 'ends', 'axes'].entries()) intsToInput(context, name, index + 1);
};

const countToInput: Adapter = (context) => {
  const k = context.attributes.int('k');
  delete context.node.attributes.k;
  setConstant(context, 1, 'k', tensor('int64', [1], [BigInt(k)]));
};

const upsampleScales: Adapter = (context) => {
  const [height, width] = [context.attributes.float('height_scale'), context.attributes.float('width_scale')];
  forget('height_scale', 'width_scale')(context);
  context.node.attributes.scales = { type: 'floats', value: [1, 1, height, width] };
};

const scalesToInput: Adapter = (context) => {
  const scales = context.attributes.floats('scales');
  delete context.node.attributes.scales;
  setConstant(context, 1, 'scales', tensor('float32', [scales.length], scales));
};

const upsampleToResize: Adapter = ({ node }) => {
  node.opType = 'Resize';
};

/** Opset 10 sampled at `i / scale`, rounded up where it shrank and down where it grew; opset 11 says so by attributes. */
const resizeModes: Adapter = (context) => {
  const { node, attributes, editor } = context;
  const scales = node.inputs[1]!;
  if (attributes.string('mode', 'nearest') === 'nearest') {
    const factors = editor.constant(scales)?.data as Float32Array | undefined;
    if (factors === undefined) return context.refuse('how it rounds depends on scales that are no constant');
    const [shrinks, grows] = [factors.some((factor) => factor < 1), factors.some((factor) => factor > 1)];
    if (shrinks && grows)
      return context.refuse('it shrinks one axis and grows another, which rounded in different ways');
    node.attributes.nearest_mode = { type: 'string', value: shrinks ? 'ceil' : 'floor' };
  }
  node.attributes.coordinate_transformation_mode = { type: 'string', value: 'asymmetric' };
  editor.setInput(node, 1, '');
  editor.setInput(node, 2, scales);
  setConstant(context, 1, 'roi', tensor('float32', [0]));
};

/** Since opset 13 what is not used is left out rather than empty. */
const resizeOptional: Adapter = ({ node, editor }) => {
  for (const input of [1, 2]) {
    if (editor.constant(node.inputs[input])?.data.length === 0) editor.setInput(node, input, '');
  }
};

const scatterElements: Adapter = ({ node }) => {
  node.opType = 'ScatterElements';
};

const batchNormalization14: Adapter = (context) => {
  context.node.outputs = withoutTrailing(context);
};

const roiAlign: Adapter = ({ node }) => {
  node.attributes.coordinate_transformation_mode = { type: 'string', value: 'output_half_pixel' };
};

const equalParts: Adapter = ({ node }) => {
  if ((node.inputs[1] ?? '') === '') node.attributes.num_outputs = { type: 'int', value: node.outputs.length };
};

const gridModes: Adapter = ({ node, attributes }) => {
  const names: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' };
  const mode = attributes.string('mode', 'bilinear');
  node.attributes.mode = { type: 'string', value: names[mode] ?? mode };
};

const transformAxis: Adapter = (context) => {
  const axis = context.attributes.int('axis', 1);
  delete context.node.attributes.axis;
  setConstant(context, 2, 'axis', tensor('int64', [], [BigInt(axis)]));
};

const broadcasting = ['Add', 'And', 'Div', 'Equal', 'Greater', 'Less', 'Mul', 'Or', 'Pow', 'Sub', 'Xor'];
const recurrent = ['GRU', 'LSTM', 'RNN'];
const softmaxes = ['Hardmax', 'LogSoftmax', 'Softmax'];
const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].map(
  (name) => `Reduce${name}`,
);
const each = (names: readonly string[], version: number, adapter: Adapter) =>
  Object.fromEntries(names.map((name) => [`${name} ${version}`, adapter]));

/** Adapters by operator and the version that they lead to: `Clip 11`. */
export const adapters: ReadonlyMap<string, Adapter> = new Map(
  Object.entries({
    ...each(broadcasting, 7, alignedBroadcast),
    ...each(recurrent, 7, forget('output_sequence')),
    'BatchNormalization 7': inferenceOnly([]),
    'Dropout 7': inferenceOnly([]),
    'Gemm 7': forget('broadcast'),
    'PRelu 7': slopePerChannel,
    'Upsample 7': upsampleScales,
    'BatchNormalization 9': batchNormalization9,
    'Upsample 9': scalesToInput,
    'Slice 10': sliceToInputs,
    'TopK 10': countToInput,
    'Upsample 10': upsampleToResize,
    'Clip 11': boundsToInputs,
    'Pad 11': padsToInputs,
    'Resize 11': resizeModes,
    'Scatter 11': scatterElements,
    'Dropout 12': ratioToInput,
    ...each(softmaxes, 13, singleAxis),
    ...each(['ReduceSum', 'Squeeze', 'Unsqueeze'], 13, axesToInput),
    'Resize 13': resizeOptional,
    'Split 13': (context: AdapterContext) => intsToInput(context, 'split', 1),
    'BatchNormalization 14': batchNormalization14,
    'RoiAlign 16': roiAlign,
    ...each(reductions, 18, axesToInput),
    'Split 18': equalParts,
    'DFT 20': transformAxis,
    'GridSample 20': gridModes,
  }),
);
