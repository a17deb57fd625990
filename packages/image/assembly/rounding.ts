/**
 * 1.5 × 2²³: added to a float32 of magnitude below 2²², it leaves the value rounded half to even in the low bits, so
 * that the integer difference to its own bits is the rounded value, negative ones included.
 */
export const roundBias = memory.data<f32>([12582912], 16);

/** float32 lanes below 2²² in magnitude as integers, rounded half to even; `bias` is `roundBias` in all lanes. */
export function roundLanes(values: v128, bias: v128): v128 {
  return i32x4.sub(f32x4.add(values, bias), bias);
}
