import type { NodeScope } from '../node-scope.js';

/** Abramowitz and Stegun, Handbook of Mathematical Functions (1964), formula 7.1.26: off by at most 1.5e-7. */
const scale = 0.3275911;
const coefficients = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592] as const;

/** `erf(x) = sign(x) · (1 − t·p(t)·e^(−x²))` with `t = 1 / (1 + 0.3275911·|x|)`: TFLite has no operator for it. */
export function erf(scope: NodeScope): void {
  const { tensor: x, layout } = scope.placed(0);
  const shape = scope.shapeOf(x);
  const part = () => scope.like(x, shape);
  const times = (a: number, b: number) => scope.emit('MUL', [a, b], part(), 'MulOptions');
  const plus = (a: number, b: number) => scope.emit('ADD', [a, scope.scalar(b)], part(), 'AddOptions');
  const magnitude = scope.emit('ABS', [x], part(), 'AbsOptions');
  const one = scope.scalar(1);
  const t = scope.emit('DIV', [one, plus(times(magnitude, scope.scalar(scale)), 1)], part(), 'DivOptions');
  const [highest, next, ...others] = coefficients;
  const polynomial = others.reduce(
    (sum, coefficient) => plus(times(sum, t), coefficient),
    plus(times(t, scope.scalar(highest)), next),
  );
  const decay = scope.emit('EXP', [scope.emit('NEG', [times(x, x)], part(), 'NegOptions')], part(), 'ExpOptions');
  const rest = times(times(polynomial, t), decay);
  const size = scope.emit('SUB', [one, rest], part(), 'SubOptions');
  const sign = scope.emit('SIGN', [x], part(), 'SignOptions');
  scope.giveLayout(scope.emit('MUL', [sign, size], scope.result(shape), 'MulOptions'), layout);
}
