// Where pixels of a result lie in the source: along the rows of an affine or projective map, or by a grid. Positions are
// fixed-point with 11 fractional bits.

/** Positions base, base + step, … of four-pixel groups; both with 32 fractional bits, |position| < 2^20. */
function linePositions(to: usize, count: i32, base: i64, step: i64): void {
  let first = i64x2.replace_lane(i64x2.splat(base), 1, base + step);
  const two = i64x2.splat(2 * step);
  let second = i64x2.add(first, two);
  const four = i64x2.splat(4 * step);
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    v128.store(to, v128.shuffle<i32>(i64x2.shr_u(first, 21), i64x2.shr_u(second, 21), 0, 2, 4, 6));
    first = i64x2.add(first, four);
    second = i64x2.add(second, four);
  }
}

/** Rounds two positions to 11 fractional bits, limited to 30 bits; NaN becomes 0. */
// @inline
function roundPositions(positions: v128): v128 {
  const rounded = f64x2.floor(f64x2.add(f64x2.mul(positions, f64x2.splat(2048)), f64x2.splat(0.5)));
  const whole = i32x4.trunc_sat_f64x2_s_zero(rounded);
  return i32x4.max_s(i32x4.min_s(whole, i32x4.splat(1 << 30)), i32x4.splat(-(1 << 30)));
}

/** Positions along a row of a projective map: (a x + p) / (g x + r) and (d x + q) / (g x + r). */
function projectivePositions(xs: usize, ys: usize, count: i32, a: f64, p: f64, d: f64, q: f64, g: f64, r: f64): void {
  for (let x = 0; x < count; x += 2) {
    const at = f64x2.add(f64x2.splat(<f64>x), f64x2(0, 1));
    const weight = f64x2.add(f64x2.mul(at, f64x2.splat(g)), f64x2.splat(r));
    const across = f64x2.div(f64x2.add(f64x2.mul(at, f64x2.splat(a)), f64x2.splat(p)), weight);
    const down = f64x2.div(f64x2.add(f64x2.mul(at, f64x2.splat(d)), f64x2.splat(q)), weight);
    v128.store64_lane(xs, roundPositions(across), 0);
    v128.store64_lane(ys, roundPositions(down), 0);
    xs += 8;
    ys += 8;
  }
}

/** Positions of a grid: rounds `count` (rounded up to four) floats in place. */
export function gridPositions(grid: usize, count: i32): void {
  const end = grid + ((<usize>((count + 3) & -4)) << 2);
  for (; grid < end; grid += 8) {
    v128.store64_lane(grid, roundPositions(f64x2.promote_low_f32x4(v128.load64_zero(grid))), 0);
  }
}

/** Makes the positions of row `y` of a map, or leaves alone those that are there when `matrix` is 0. */
export function fillPositions(matrix: usize, steady: bool, y: i32, count: i32, xs: usize, ys: usize): void {
  if (!matrix) return;
  const a = load<f64>(matrix);
  const d = load<f64>(matrix, 24);
  const p = load<f64>(matrix, 8) * <f64>y + load<f64>(matrix, 16);
  const q = load<f64>(matrix, 32) * <f64>y + load<f64>(matrix, 40);
  if (steady) {
    const one: f64 = 4294967296;
    const half: f64 = 1048576;
    linePositions(xs, count, <i64>Math.floor(p * one + half), <i64>Math.floor(a * one + 0.5));
    linePositions(ys, count, <i64>Math.floor(q * one + half), <i64>Math.floor(d * one + 0.5));
  } else {
    const g = load<f64>(matrix, 48);
    const r = load<f64>(matrix, 56) * <f64>y + load<f64>(matrix, 64);
    projectivePositions(xs, ys, (count + 3) & -4, a, p, d, q, g, r);
  }
}
