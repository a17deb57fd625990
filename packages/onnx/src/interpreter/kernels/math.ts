// Arithmetic and mathematical functions, element by element.

import { integerFormat, isBig } from '../element-type.js';
import { foldNumbers, mapNumbers, maximum, minimum, zip, zipNumbers } from '../elementwise.js';
import { erf } from '../erf.js';
import { unsupported } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { asTensor, bigints, fromBigInts, fromNumbers, numbers } from '../value.js';

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const keep = (value: bigint): bigint => value;

export const Abs: Kernel = mapNumbers(Math.abs, abs);
export const Neg: Kernel = mapNumbers(
  (value) => -value,
  (value) => -value,
);
export const Sign: Kernel = mapNumbers(Math.sign, (value) => (value > 0n ? 1n : value < 0n ? -1n : 0n));
export const Ceil: Kernel = mapNumbers(Math.ceil, keep);
export const Floor: Kernel = mapNumbers(Math.floor, keep);
/** To the nearest integer, halves to the even one. */
export const Round: Kernel = mapNumbers((value) => {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return rest < 0.5 ? floor : floor + 1;
}, keep);
export const Sqrt: Kernel = mapNumbers(Math.sqrt);
export const Reciprocal: Kernel = mapNumbers((value) => 1 / value);
export const Exp: Kernel = mapNumbers(Math.exp);
export const Log: Kernel = mapNumbers(Math.log);
export const Erf: Kernel = mapNumbers(erf);

export const Sin: Kernel = mapNumbers(Math.sin);
export const Cos: Kernel = mapNumbers(Math.cos);
export const Tan: Kernel = mapNumbers(Math.tan);
export const Asin: Kernel = mapNumbers(Math.asin);
export const Acos: Kernel = mapNumbers(Math.acos);
export const Atan: Kernel = mapNumbers(Math.atan);
export const Sinh: Kernel = mapNumbers(Math.sinh);
export const Cosh: Kernel = mapNumbers(Math.cosh);
export const Tanh: Kernel = mapNumbers(Math.tanh);
export const Asinh: Kernel = mapNumbers(Math.asinh);
export const Acosh: Kernel = mapNumbers(Math.acosh);
export const Atanh: Kernel = mapNumbers(Math.atanh);

const add = { number: (a: number, b: number) => a + b, big: (a: bigint, b: bigint) => a + b };

export const Add: Kernel = zipNumbers(add);
export const Sub: Kernel = zipNumbers({ number: (a, b) => a - b, big: (a, b) => a - b });
export const Mul: Kernel = zipNumbers({ number: (a, b) => a * b, big: (a, b) => a * b, exact32: true });
/** Integers are cut towards zero; division by zero gives zero for them. */
export const Div: Kernel = zipNumbers({
  number: (a, b) => a / b,
  integer: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  big: (a, b) => (b === 0n ? 0n : a / b),
});

/** The remainder with the sign of the divisor, or with `fmod` that of the dividend. */
export const Mod: Kernel = ([first, second], context) => {
  const [a, b] = [asTensor(first), asTensor(second)];
  if (context.int('fmod', 0) === 1) {
    return [zip(a, b, { number: (x, y) => x % y, big: (x, y) => (y === 0n ? 0n : x % y) })];
  }
  return [
    zip(a, b, {
      number: (x, y) => {
        const rest = x % y;
        return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
      },
      big: (x, y) => {
        if (y === 0n) return 0n;
        const rest = x % y;
        return rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest;
      },
    }),
  ];
};

export const Pow: Kernel = zipNumbers({
  number: power,
  // A negative power of an integer has no integer result, but for those of 1 and -1.
  big: (a, b) => (b >= 0n ? BigInt.asIntN(128, a ** b) : BigInt(Math.trunc(power(Number(a), Number(b))))),
  exact32: true,
});

/** As C has it: powers of 1 are 1, and -1 to an infinite power is 1. `**` gives NaN there. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1;
  return base ** exponent;
}

export const Min: Kernel = foldNumbers(minimum);
export const Max: Kernel = foldNumbers(maximum);
export const Sum: Kernel = foldNumbers(add);
export const Mean: Kernel = (inputs, context) => {
  const total = asTensor(Sum(inputs, context)[0]);
  return [
    fromNumbers(
      total.type,
      total.dims,
      numbers(total).map((value) => value / inputs.length),
    ),
  ];
};

/**
 * Shifts integers; bits that leave the type are lost, and the sign fills up from the left. A shift by less than none or
 * by the whole width leaves nothing but the sign.
 */
export const BitShift: Kernel = ([first, second], context) => {
  const [a, b] = [asTensor(first), asTensor(second)];
  const left = context.string('direction') === 'LEFT';
  const width = integerFormat(a.type)?.bits ?? 64;
  const big = (value: bigint, by: bigint): bigint => {
    if (by < 0n || by >= BigInt(width)) return !left && value < 0n ? -1n : 0n;
    return left ? value << by : value >> by;
  };
  return [zip(a, b, { number: (value, by) => Number(big(BigInt(value), BigInt(by))), big })];
};

/** A bitwise operator: through bigints, so that every integer type is wrapped the same way. */
function bitwise(compute: (a: bigint, b: bigint) => bigint): Kernel {
  return zipNumbers({
    number: (a, b) => Number(compute(BigInt(a), BigInt(b))),
    big: compute,
  });
}

export const BitwiseAnd: Kernel = bitwise((a, b) => a & b);
export const BitwiseOr: Kernel = bitwise((a, b) => a | b);
export const BitwiseXor: Kernel = bitwise((a, b) => a ^ b);
export const BitwiseNot: Kernel = ([input]) => {
  const tensor = asTensor(input);
  if (integerFormat(tensor.type) === undefined) throw unsupported(`Expected integers but received ${tensor.type}`);
  if (isBig(tensor.type))
    return [
      fromBigInts(
        tensor.type,
        tensor.dims,
        bigints(tensor).map((value) => ~value),
      ),
    ];
  return [
    fromNumbers(
      tensor.type,
      tensor.dims,
      numbers(tensor).map((value) => -value - 1),
    ),
  ];
};
