import type { NodeScope } from '../node-scope.js';
import { type BuiltinOperator, tensorTypes } from '../schema.js';
import type { OperatorLowering } from './index.js';

const over =
  (operator: BuiltinOperator): OperatorLowering =>
  (scope) =>
    reduce(scope, operator, axesOf(scope), scope.attributes.int('keepdims', 1) === 1);

/** Reductions over axes, which keep their places in memory. */
export const reductionLowerings: Readonly<Record<string, OperatorLowering>> = {
  ReduceMean: over('MEAN'),
  ReduceSum: over('SUM'),
  ReduceMax: over('REDUCE_MAX'),
  ReduceMin: over('REDUCE_MIN'),
  ReduceProd: over('REDUCE_PROD'),
  GlobalAveragePool: (scope) => reduce(scope, 'MEAN', spatialAxes(scope), true),
  GlobalMaxPool: (scope) => reduce(scope, 'REDUCE_MAX', spatialAxes(scope), true),
  ArgMax: (scope) => extremum(scope, 'ARG_MAX', 'ArgMaxOptions'),
  ArgMin: (scope) => extremum(scope, 'ARG_MIN', 'ArgMinOptions'),
};

function spatialAxes(scope: NodeScope): number[] {
  return [...scope.inputDims(0).keys()].slice(2);
}

/** Axes are an attribute, and from opset 18 an input; none given means all, or none. */
function axesOf(scope: NodeScope): number[] | undefined {
  const rank = scope.inputDims(0).length;
  const given = scope.attributes.ints('axes', undefined) ?? scope.numbers(1, 'axes') ?? [];
  if (given.length > 0) return given.map((axis) => scope.axis(axis, rank));
  return scope.attributes.int('noop_with_empty_axes', 0) === 1 ? undefined : [...scope.inputDims(0).keys()];
}

function reduce(
  scope: NodeScope,
  operator: BuiltinOperator,
  axes: readonly number[] | undefined,
  keeps: boolean,
): void {
  const placed = scope.placed(0);
  if (axes === undefined) {
    scope.givePlaced(placed);
    return;
  }
  const order = scope.permutation(placed);
  const from = scope.arrange(placed, order);
  const positions = axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
  const reduced = new Set(positions);
  const shape = scope.shapeOf(from).flatMap((dim, at) => (reduced.has(at) ? (keeps ? [1] : []) : [dim]));
  const to = scope.result(shape);
  scope.emit(operator, [from, scope.int32s(positions)], to, 'ReducerOptions', { keepDims: keeps });
  scope.give(to, keeps ? order : withoutAxes(order, axes));
}

/** Which place of which axis has the largest element. */
function extremum(scope: NodeScope, operator: 'ARG_MAX' | 'ARG_MIN', table: 'ArgMaxOptions' | 'ArgMinOptions'): void {
  if (scope.attributes.int('select_last_index', 0) === 1)
    scope.refuse('select_last_index', 'TFLite gives the first of equal ones');
  const placed = scope.placed(0);
  const axis = scope.axis(scope.attributes.int('axis', 0), placed.dims.length);
  const order = scope.permutation(placed);
  const from = scope.arrange(placed, order);
  const at = order.indexOf(axis);
  const shape = scope.shapeOf(from).filter((_, position) => position !== at);
  const to = scope.result(shape);
  scope.emit(operator, [from, scope.int32s([at], [])], to, table, { outputType: tensorTypes[scope.typeOf(to)] });
  const rest = withoutAxes(order, [axis]);
  if (scope.attributes.int('keepdims', 1) === 0) scope.give(to, rest);
  else
    scope.give(
      scope.reshape(
        to,
        order.map((other, position) => (position === at ? 1 : placed.dims[other]!)),
      ),
      order,
    );
}

/** The order of the axes that are left when some are gone, counted anew. */
function withoutAxes(order: readonly number[], gone: readonly number[]): number[] {
  return order.filter((axis) => !gone.includes(axis)).map((axis) => axis - gone.filter((other) => other < axis).length);
}
