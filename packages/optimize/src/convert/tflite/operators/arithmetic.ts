import { tensor } from '@percept/core';
import type { NodeScope } from '../node-scope.js';
import { type BuiltinOperator, type OptionsName, tensorTypes } from '../schema.js';
import { align, broadcasting, folding, unary } from './elementwise.js';
import type { OperatorLowering } from './index.js';
import { rescaledSum } from './rescaled-sum.js';

const on =
  (operator: BuiltinOperator, table?: OptionsName): OperatorLowering =>
  (scope) =>
    unary(scope, operator, table);
const between =
  (operator: BuiltinOperator, table?: OptionsName): OperatorLowering =>
  (scope) =>
    broadcasting(scope, operator, table);
const clamped =
  (operator: BuiltinOperator, table: OptionsName): OperatorLowering =>
  (scope) =>
    broadcasting(scope, operator, table, { activation: scope.activationCode });

/** Arithmetic, comparisons and logic, element by element. */
export const arithmeticLowerings: Readonly<Record<string, OperatorLowering>> = {
  Add: (scope) =>
    scope.rescaling === undefined ? clamped('ADD', 'AddOptions')(scope) : rescaledSum(scope, scope.rescaling),
  Sub: clamped('SUB', 'SubOptions'),
  Mul: clamped('MUL', 'MulOptions'),
  Div: clamped('DIV', 'DivOptions'),
  Sum: (scope) => folding(scope, 'ADD', 'AddOptions'),
  Max: (scope) => folding(scope, 'MAXIMUM', 'MaximumMinimumOptions'),
  Min: (scope) => folding(scope, 'MINIMUM', 'MaximumMinimumOptions'),
  Pow: power,
  Neg: on('NEG', 'NegOptions'),
  Abs: on('ABS', 'AbsOptions'),
  Sign: on('SIGN', 'SignOptions'),
  Exp: on('EXP', 'ExpOptions'),
  Log: on('LOG'),
  Sqrt: on('SQRT'),
  Reciprocal: reciprocal,
  Floor: on('FLOOR'),
  Ceil: on('CEIL'),
  Round: on('ROUND'),
  Sin: on('SIN'),
  Cos: on('COS', 'CosOptions'),
  Equal: between('EQUAL', 'EqualOptions'),
  Less: between('LESS', 'LessOptions'),
  LessOrEqual: between('LESS_EQUAL', 'LessEqualOptions'),
  Greater: between('GREATER', 'GreaterOptions'),
  GreaterOrEqual: between('GREATER_EQUAL', 'GreaterEqualOptions'),
  And: between('LOGICAL_AND', 'LogicalAndOptions'),
  Or: between('LOGICAL_OR', 'LogicalOrOptions'),
  Not: on('LOGICAL_NOT', 'LogicalNotOptions'),
  Where: between('SELECT_V2', 'SelectV2Options'),
  Cast: cast,
};

/** A square is a product: exact also for negative numbers, where a power by logarithms is not. */
function power(scope: NodeScope): void {
  const exponent = scope.constant(1);
  const isSquare = exponent?.constant.data.length === 1 && Number(exponent.constant.data[0]) === 2;
  if (!isSquare) {
    broadcasting(scope, 'POW', 'PowOptions');
    return;
  }
  const { tensors, shape, layout } = align(scope, [scope.operand(0)], scope.outputDims());
  const [x] = tensors as [number];
  scope.giveLayout(scope.emit('MUL', [x, x], scope.result(shape), 'MulOptions'), layout);
}

function reciprocal(scope: NodeScope): void {
  const { tensor: x, layout } = scope.placed(0);
  const one = scope.addConstant(tensor('float32', [], [1]), 'one');
  scope.giveLayout(scope.emit('DIV', [one, x], scope.result(scope.shapeOf(x)), 'DivOptions'), layout);
}

function cast(scope: NodeScope): void {
  const { tensor: from, layout } = scope.placed(0);
  const to = scope.result(scope.shapeOf(from));
  if (scope.typeOf(from) === scope.typeOf(to)) {
    scope.giveLayout(from, layout);
    return;
  }
  const types = { inDataType: tensorTypes[scope.typeOf(from)], outDataType: tensorTypes[scope.typeOf(to)] };
  scope.giveLayout(scope.emit('CAST', [from], to, 'CastOptions', types), layout);
}
