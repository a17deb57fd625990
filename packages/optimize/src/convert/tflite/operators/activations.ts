import type { NodeScope } from '../node-scope.js';
import { clampOf } from '../quantized-units.js';
import { broadcasting, unary } from './elementwise.js';
import { erf } from './error-function.js';
import type { OperatorLowering } from './index.js';

/** Functions of one number that networks put between layers. */
export const activationLowerings: Readonly<Record<string, OperatorLowering>> = {
  Relu: (scope) => unary(scope, 'RELU'),
  Clip: clip,
  LeakyRelu: (scope) =>
    unary(scope, 'LEAKY_RELU', 'LeakyReluOptions', { alpha: scope.attributes.float('alpha', 0.01) }),
  PRelu: parametricRelu,
  Elu: elu,
  Sigmoid: (scope) => unary(scope, 'LOGISTIC'),
  Tanh: (scope) => unary(scope, 'TANH'),
  HardSwish: (scope) => unary(scope, 'HARD_SWISH', 'HardSwishOptions'),
  HardSigmoid: hardSigmoid,
  Gelu: (scope) =>
    unary(scope, 'GELU', 'GeluOptions', { approximate: scope.attributes.string('approximate', 'none') === 'tanh' }),
  Erf: erf,
  Softplus: softplus,
  Softmax: (scope) => alongLastAxis(scope, 'SOFTMAX'),
  LogSoftmax: (scope) => alongLastAxis(scope, 'LOG_SOFTMAX'),
};

const clamps = { RELU: 'RELU', RELU6: 'RELU6', RELU_N1_TO_1: 'RELU_N1_TO_1' } as const;

function clip(scope: NodeScope): void {
  const limit = (index: number) => scope.numbers(index, 'limits')?.[0];
  const clamp = clampOf(scope.node, (name) => limit(scope.node.inputs.indexOf(name, 1)));
  if (clamp !== undefined && clamp !== 'NONE' && scope.typeOf(scope.placed(0).tensor) !== 'int64') {
    unary(scope, clamps[clamp]);
    return;
  }
  const { tensor: from, layout } = scope.placed(0);
  const shape = scope.shapeOf(from);
  const type = scope.typeOf(from);
  if (type !== 'float32') scope.refuse(`limits on ${type} values`, 'Clip float values');
  let result = from;
  const [low, high] = [limit(1), limit(2)];
  if (low !== undefined)
    result = scope.emit('MAXIMUM', [result, scope.scalar(low)], scope.result(shape), 'MaximumMinimumOptions');
  if (high !== undefined)
    result = scope.emit('MINIMUM', [result, scope.scalar(high)], scope.result(shape), 'MaximumMinimumOptions');
  scope.giveLayout(result, layout);
}

function parametricRelu(scope: NodeScope): void {
  if (scope.constant(1) === undefined) scope.refuse('a slope that is computed', 'Fold it when exporting');
  broadcasting(scope, 'PRELU');
}

function elu(scope: NodeScope): void {
  if (scope.attributes.float('alpha', 1) !== 1)
    scope.refuse('an alpha other than 1', 'TFLite knows ELU with alpha 1 only');
  unary(scope, 'ELU');
}

/** `min(max(α·x + β, 0), 1)`, as `relu6(6α·x + 6β) / 6`. */
function hardSigmoid(scope: NodeScope): void {
  const alpha = 6 * scope.attributes.float('alpha', 0.2);
  const beta = 6 * scope.attributes.float('beta', 0.5);
  const { tensor: from, layout } = scope.placed(0);
  const part = () => scope.like(from, scope.shapeOf(from));
  // In float32 six sixths are not quite one.
  const isOne = Math.abs(alpha - 1) < 1e-6;
  const scaled = isOne ? from : scope.emit('MUL', [from, scope.scalar(alpha)], part(), 'MulOptions');
  const moved = scope.emit('ADD', [scaled, scope.scalar(beta)], part(), 'AddOptions');
  const clamped = scope.emit('RELU6', [moved], part());
  scope.giveLayout(
    scope.emit('MUL', [clamped, scope.scalar(1 / 6)], scope.result(scope.shapeOf(from)), 'MulOptions'),
    layout,
  );
}

/** `log(1 + eˣ)`, as `max(x, 0) + log(1 + e^−|x|)`, which does not overflow. */
function softplus(scope: NodeScope): void {
  const { tensor: from, layout } = scope.placed(0);
  const part = () => scope.like(from, scope.shapeOf(from));
  const distance = scope.emit('NEG', [scope.emit('ABS', [from], part(), 'AbsOptions')], part(), 'NegOptions');
  const one = scope.emit(
    'ADD',
    [scope.emit('EXP', [distance], part(), 'ExpOptions'), scope.scalar(1)],
    part(),
    'AddOptions',
  );
  const sum = [scope.emit('RELU', [from], part()), scope.emit('LOG', [one], part())];
  scope.giveLayout(scope.emit('ADD', sum, scope.result(scope.shapeOf(from)), 'AddOptions'), layout);
}

/** TFLite normalizes along the last axis in memory. */
function alongLastAxis(scope: NodeScope, operator: 'SOFTMAX' | 'LOG_SOFTMAX'): void {
  const placed = scope.placed(0);
  const rank = placed.dims.length;
  const axis = scope.axis(scope.attributes.int('axis', -1), rank);
  const order = scope.permutation(placed);
  const wanted = order.at(-1) === axis ? order : [...order.filter((other) => other !== axis), axis];
  const from = scope.arrange(placed, wanted);
  const to = scope.result(scope.shapeOf(from));
  if (operator === 'SOFTMAX') scope.emit('SOFTMAX', [from], to, 'SoftmaxOptions', { beta: 1 });
  else scope.emit('LOG_SOFTMAX', [from], to, 'LogSoftmaxOptions');
  scope.give(to, wanted);
}
