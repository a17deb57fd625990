// Operators that compute every element from those at the same place. They take their operands in whatever order the
// elements lie, as long as all lie alike.
import { elementCount, tensor } from '@percept/core';
import { isConstantOperand, type Operand, type Placed } from '../lowering.js';
import { type MemoryLayout, permutedLayout, sameLayout } from '../memory-layout.js';
import type { NodeScope } from '../node-scope.js';
import type { BuiltinOperator, OptionsName } from '../schema.js';

/** Operands that lie alike, and how. */
export interface AlignedOperands {
  readonly tensors: readonly number[];
  /** Shape of the result in the file. */
  readonly shape: readonly number[];
  readonly layout: MemoryLayout;
}

/** The operator on one operand, its elements where they are. */
export function unary(
  scope: NodeScope,
  operator: BuiltinOperator,
  table?: OptionsName,
  values: Readonly<Record<string, number | boolean>> = {},
): void {
  const { tensor: from, layout } = scope.placed(0);
  scope.giveLayout(scope.emit(operator, [from], scope.result(scope.shapeOf(from)), table, values), layout);
}

/** The operator on all operands of the node, broadcast against each other. */
export function broadcasting(
  scope: NodeScope,
  operator: BuiltinOperator,
  table?: OptionsName,
  values: Readonly<Record<string, number | boolean>> = {},
): void {
  const operands = scope.node.inputs.map((_, index) => scope.operand(index));
  const { tensors, shape, layout } = align(scope, operands, scope.outputDims());
  scope.giveLayout(scope.emit(operator, tensors, scope.result(shape), table, values), layout);
}

/** The operator on the first two operands, then on its result and the third, and so on. */
export function folding(scope: NodeScope, operator: BuiltinOperator, table: OptionsName): void {
  const dims = scope.outputDims();
  const operands = scope.node.inputs.map((_, index) => scope.operand(index));
  const aligned = align(scope, operands, dims);
  const [first, ...others] = aligned.tensors as [number, ...number[]];
  const result = others.reduce(
    (sum, other) => scope.emit(operator, [sum, other], scope.result(aligned.shape), table),
    first,
  );
  scope.giveLayout(result, aligned.layout);
}

/** Brings operands into one order: that for which the fewest elements move. */
export function align(scope: NodeScope, given: readonly Operand[], dims: readonly number[]): AlignedOperands {
  const operands = given.map((operand) => extended(operand, dims.length));
  const values = operands.filter((operand) => !isConstantOperand(operand)) as Placed[];
  const bySize = values.toSorted((a, b) => elementCount(b.dims) - elementCount(a.dims));
  const lead = bySize[0];
  if (lead !== undefined && elementCount(lead.dims) === elementCount(dims)) {
    const shape = scope.shapeOf(lead.tensor);
    const liesAlike = (operand: Operand) =>
      isConstantOperand(operand)
        ? elementCount(operand.dims) === 1
        : String(scope.shapeOf(operand.tensor)) === String(shape) && sameLayout(operand.layout, lead.layout);
    if (operands.every(liesAlike)) {
      const tensors = operands.map((operand) => (isConstantOperand(operand) ? scalar(scope, operand) : operand.tensor));
      return { tensors, shape, layout: lead.layout };
    }
  }
  const plain = [...dims.keys()];
  const orders = [...bySize.map((operand) => scope.permutation(operand)), plain];
  const cost = (order: readonly number[]) =>
    values.reduce((sum, operand) => sum + (scope.moves(operand, order) ? elementCount(operand.dims) : 0), 0);
  const order = orders.reduce((best, other) => (cost(other) < cost(best) ? other : best));
  const tensors = operands.map((operand) =>
    isConstantOperand(operand) && elementCount(operand.dims) === 1
      ? scalar(scope, operand)
      : scope.arrange(operand, order),
  );
  return { tensors, shape: order.map((axis) => dims[axis]!), layout: permutedLayout(dims, order) };
}

/** The operand with axes of size 1 in front. */
function extended(operand: Operand, rank: number): Operand {
  const missing = rank - operand.dims.length;
  if (missing === 0) return operand;
  const ones = new Array<number>(missing).fill(1);
  const dims = [...ones, ...operand.dims];
  if (!isConstantOperand(operand)) {
    const { axes, memory } = operand.layout;
    return { ...operand, dims, layout: { axes: [...ones.map(() => []), ...axes], memory } };
  }
  const constant = { ...operand.constant, dims };
  const stored = operand.stored && {
    ...operand.stored,
    values: operand.stored.values === operand.constant ? constant : operand.stored.values,
  };
  return { dims, constant, stored };
}

function scalar(scope: NodeScope, operand: Operand): number {
  if (!isConstantOperand(operand)) return operand.tensor;
  const { constant, stored } = operand;
  const value = tensor(constant.type, [], constant.data);
  return scope.addConstant(value, 'setting', stored?.values === constant ? stored.quantization : undefined);
}
