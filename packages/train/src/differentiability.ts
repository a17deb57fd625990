// Where gradients flow and where they don't, operator by operator.
import type { Node } from '@percept/onnx';

/** Inputs of an operator that have no gradient: indices, shapes, bounds, what is computed apart. */
const withoutGradient: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  CastLike: [1],
  Clip: [1, 2],
  CumSum: [1],
  DequantizeLinear: [1, 2],
  Dropout: [1, 2],
  Expand: [1],
  Gather: [1],
  GatherElements: [1],
  GatherND: [1],
  Pad: [1, 2, 3],
  QuantizeLinear: [1, 2],
  ReduceL1: [1],
  ReduceL2: [1],
  ReduceLogSum: [1],
  ReduceLogSumExp: [1],
  ReduceMax: [1],
  ReduceMean: [1],
  ReduceMin: [1],
  ReduceProd: [1],
  ReduceSum: [1],
  ReduceSumSquare: [1],
  Reshape: [1],
  Resize: [1, 2, 3],
  ScatterElements: [1],
  ScatterND: [1],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  Tile: [1],
  TopK: [1],
  Trilu: [1],
  Unsqueeze: [1],
  Where: [0],
};

/** Operators whose outputs do not change when their inputs change a little. */
const flat = new Set([
  'Hardmax',
  ...['And', 'ArgMax', 'ArgMin', 'Bernoulli', 'BitShift', 'Ceil', 'ConstantOfShape', 'Equal', 'EyeLike', 'Floor'],
  ...['Greater', 'Multinomial'],
  ...['GreaterOrEqual', 'IsInf', 'IsNaN', 'Less', 'LessOrEqual', 'NonZero', 'Not', 'OneHot', 'Or', 'RandomNormalLike'],
  ...['RandomUniformLike', 'Range', 'Round', 'Shape', 'Sign', 'Size', 'Xor'],
]);

/** Numbers of ONNX's element types that hold fractions: float32, float16, float64, bfloat16. */
const fractional = new Set([1, 10, 11, 16]);

/** Operators that compute formulas: a constant without dimensions there is a number of the formula, as in x / sqrt(2). */
const formulas = new Set(['Add', 'Div', 'Max', 'Mean', 'Min', 'Mul', 'Pow', 'Sub', 'Sum', 'Where']);

/** Whether a gradient flows from the outputs of a node to input `index`. */
export function hasGradient(node: Node, index: number): boolean {
  if (node.domain !== '') return true;
  if (flat.has(node.opType)) return false;
  const to = node.opType === 'Cast' ? node.attributes.to : undefined;
  if (to?.type === 'int' && !fractional.has(to.value)) return false;
  return !withoutGradient[node.opType]?.includes(index);
}

/**
 * Whether a constant is learned in a node, rather than a number of a formula: one without dimensions, or the only element
 * of what a Constant node gives, as exporters write sqrt(d) of an attention.
 */
export function isLearned(node: Node, dims: readonly number[], inline: boolean): boolean {
  const number = dims.length === 0 || (inline && dims.length === 1 && dims[0] === 1);
  return !number || !isFormula(node);
}

/** Whether a node computes a formula, in which constants may be numbers that are not learned. */
export function isFormula({ domain, opType }: Node): boolean {
  return domain === '' && formulas.has(opType);
}
