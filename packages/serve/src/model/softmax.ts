/** Softmax of each row of `[N, width]` logits, stable for large values. Returns a new array. */
export function softmaxRows(logits: Float32Array, width: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += width) {
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < width; i++) max = Math.max(max, logits[start + i]!);
    let sum = 0;
    for (let i = 0; i < width; i++) {
      const value = Math.exp(logits[start + i]! - max);
      out[start + i] = value;
      sum += value;
    }
    for (let i = 0; i < width; i++) out[start + i]! /= sum;
  }
  return out;
}
