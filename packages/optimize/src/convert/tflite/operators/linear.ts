import { elementCount, type Tensor, tensor, tensorData } from '@percept/core';
import { isConstantOperand, type Operand, type Placed } from '../lowering.js';
import { permutedLayout, transposedLayout } from '../memory-layout.js';
import type { NodeScope } from '../node-scope.js';
import { biasTensor, storeBias } from './bias.js';
import { align } from './elementwise.js';
import type { OperatorLowering } from './index.js';

/** Products of matrices. */
export const linearLowerings: Readonly<Record<string, OperatorLowering>> = { Gemm: gemm, MatMul: matMul };

function gemm(scope: NodeScope): void {
  const { attributes } = scope;
  const [transA, transB] = [attributes.int('transA', 0) === 1, attributes.int('transB', 0) === 1];
  const [alpha, beta] = [attributes.float('alpha', 1), attributes.float('beta', 1)];
  const weight = scope.constant(1);
  const given = scope.placed(0);
  const rows: Placed = transA ? transposed(given) : given;
  const dims = scope.outputDims();
  const units = dims[1]!;
  const addend = scope.has(2) ? scope.constant(2) : undefined;
  const addendSize = addend && elementCount(addend.dims);
  const isBias = !scope.has(2) || addendSize === 1 || (addendSize === units && (addend!.dims.at(-1) ?? 1) === units);
  if (weight !== undefined && isBias) {
    const { tensor: input, order } = rowsOf(scope, rows);
    const kernel =
      alpha === 1
        ? scope.weight(1, (value) => kernelOf(scope, value, transB, order), 0)
        : scope.addConstant(scaledBy(kernelOf(scope, weight.constant, transB, order), alpha)!, scope.node.inputs[1]!);
    const bias =
      beta === 1
        ? biasTensor(scope, units, input, kernel)
        : storeBias(scope, undefined, scaledBy(addend?.constant, beta), { channels: units, input, weight: kernel });
    scope.give(fullyConnected(scope, input, kernel, bias, [dims[0]!, units], false), [0, 1]);
    return;
  }
  const product = batchProduct(scope, rows, transB ? transposed(scope.placed(1)) : scope.placed(1), dims);
  const scaled =
    alpha === 1 ? product : scope.emit('MUL', [product, scope.scalar(alpha)], scope.result(dims), 'MulOptions');
  if (!scope.has(2)) {
    scope.give(scaled, [0, 1]);
    return;
  }
  const offset = scope.operand(2);
  const value: Operand = { tensor: scaled, dims, layout: permutedLayout(dims, [0, 1]) };
  const weighted: Operand =
    beta === 1
      ? offset
      : isConstantOperand(offset)
        ? { ...offset, constant: scaledBy(offset.constant, beta)!, stored: undefined }
        : {
            ...offset,
            tensor: scope.emit(
              'MUL',
              [offset.tensor, scope.scalar(beta)],
              scope.like(offset.tensor, scope.shapeOf(offset.tensor)),
              'MulOptions',
            ),
          };
  const sum = align(scope, [value, weighted], dims);
  scope.giveLayout(scope.emit('ADD', sum.tensors, scope.result(sum.shape), 'AddOptions'), sum.layout);
}

/** By a constant matrix it is a layer on the last axis; otherwise a product per matrix of the leading axes. */
function matMul(scope: NodeScope): void {
  const weight = scope.constant(1);
  const left = scope.placed(0);
  const dims = scope.outputDims();
  if (weight?.dims.length === 2 && left.dims.length >= 2) {
    const units = weight.dims[1]!;
    const leading = left.dims.slice(0, -1);
    const isFlat = leading.length === 1;
    const { tensor: input, order } = isFlat
      ? rowsOf(scope, left)
      : { tensor: scope.arrange(left, [...left.dims.keys()]), order: undefined };
    const kernel = scope.weight(1, (value) => kernelOf(scope, value, false, order), 0);
    const bias = storeBias(scope, undefined, undefined, { channels: units, input, weight: kernel });
    const result = fullyConnected(scope, input, kernel, bias, dims, !isFlat);
    scope.give(result, [...dims.keys()]);
    return;
  }
  if (scope.isQuantized)
    scope.refuse('factors of these ranks on integers', 'Keep this product out of the quantization');
  const right = scope.placed(1);
  if (left.dims.length < 2 || right.dims.length < 2)
    scope.refuse('a vector as a factor', 'Give it a second axis of size 1');
  const rank = Math.max(left.dims.length, right.dims.length);
  const whole = (operand: Placed) =>
    operand.dims.length === rank
      ? operand
      : scope.reshaped(operand, [...new Array<number>(rank - operand.dims.length).fill(1), ...operand.dims]);
  scope.give(batchProduct(scope, whole(left), whole(right), dims), [...dims.keys()]);
}

/** BATCH_MATMUL, which can read each factor with its last two axes exchanged. */
function batchProduct(scope: NodeScope, left: Placed, right: Placed, dims: readonly number[]): number {
  const factor = (operand: Placed): [number, boolean] => {
    const plain = [...operand.dims.keys()];
    const exchanged = [...plain.slice(0, -2), plain.at(-1)!, plain.at(-2)!];
    const isExchanged = scope.moves(operand, plain) && !scope.moves(operand, exchanged);
    return [scope.arrange(operand, isExchanged ? exchanged : plain), isExchanged];
  };
  const [x, adjX] = factor(left);
  const [y, adjY] = factor(right);
  return scope.emit('BATCH_MATMUL', [x, y], scope.result(dims), 'BatchMatMulOptions', { adjX, adjY });
}

/** The operand as rows; its columns may lie in any order, which the weights then follow. */
function rowsOf(scope: NodeScope, operand: Placed): { tensor: number; order: number[] | undefined } {
  const { dims, layout } = operand;
  const rowAtoms = layout.axes[0]!.length;
  const leads = layout.memory.slice(0, rowAtoms).every((atom, at) => atom === at);
  if (!leads) return { tensor: scope.arrange(operand, [0, 1]), order: undefined };
  const memory = layout.memory.slice(rowAtoms);
  const tensorIndex = scope.reshape(operand.tensor, dims);
  if (memory.every((atom, at) => atom === rowAtoms + at)) return { tensor: tensorIndex, order: undefined };
  const sizes = layout.axes[1]!;
  const places = tensor(
    'int32',
    sizes,
    Int32Array.from({ length: dims[1]! }, (_, at) => at),
  );
  const permutation = memory.map((atom) => atom - rowAtoms);
  return { tensor: tensorIndex, order: Array.from(scope.permute(places, permutation).data as Int32Array) };
}

/** The weight as `[outputs, inputs]`, its inputs in `order`. */
function kernelOf(scope: NodeScope, value: Tensor, transB: boolean, order: readonly number[] | undefined): Tensor {
  const kernel = transB ? value : scope.permute(value, [1, 0]);
  return order === undefined ? kernel : reordered(kernel, order);
}

function reordered({ type, dims, data }: Tensor, order: readonly number[]): Tensor {
  const [outputs, inputs] = dims as [number, number];
  const result = tensorData(type, outputs * inputs) as unknown as unknown[];
  for (let output = 0; output < outputs; output++) {
    for (let at = 0; at < inputs; at++) result[output * inputs + at] = data[output * inputs + order[at]!];
  }
  return tensor(type, dims, result as unknown as Tensor['data']);
}

function scaledBy(value: Tensor | undefined, factor: number): Tensor | undefined {
  if (value === undefined || factor === 1) return value;
  return tensor(
    'float32',
    value.dims,
    Float32Array.from(value.data as ArrayLike<number>, (number) => number * factor),
  );
}

function fullyConnected(
  scope: NodeScope,
  input: number,
  kernel: number,
  bias: number,
  shape: readonly number[],
  keepNumDims: boolean,
): number {
  const values = { activation: scope.activationCode, keepNumDims };
  return scope.emit('FULLY_CONNECTED', [input, kernel, bias], scope.result(shape), 'FullyConnectedOptions', values);
}

function transposed(operand: Placed): Placed {
  const dims = [operand.dims[1]!, operand.dims[0]!];
  return { tensor: operand.tensor, dims, layout: transposedLayout(operand.layout, [1, 0]) };
}
