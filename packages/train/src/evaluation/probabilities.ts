/** Softmax of each row of `[N, width]` logits, stable for large values; a row with a NaN is NaN throughout. */
export function softmaxRows(logits: Float32Array, width: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += width) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < width; i++) largest = Math.max(largest, logits[start + i]!);
    let sum = 0;
    for (let i = 0; i < width; i++) sum += Math.exp(logits[start + i]! - largest);
    for (let i = 0; i < width; i++) out[start + i] = Math.exp(logits[start + i]! - largest) / sum;
  }
  return out;
}

/** Sigmoid of each logit. */
export function sigmoids(logits: Float32Array): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
}

/** Probabilities that a model rounded over the edge of 0..1, pushed back. */
export function clipped(probabilities: Float32Array): Float32Array {
  return probabilities.map((p) => Math.min(1, Math.max(0, p)));
}

/**
 * Cross-entropy `-log p[label]` of one row of scores, at least 0.
 *
 * @param scores - logits or probabilities; the classes stand `stride` apart from `offset` on
 */
export function crossEntropyOf(
  scores: Float32Array,
  logits: boolean,
  { offset, classes, stride = 1, label }: { offset: number; classes: number; stride?: number; label: number },
): number {
  const own = scores[offset + label * stride]!;
  if (!logits) return -Math.log(Math.min(1, own)) + 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, scores[offset + c * stride]!);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(scores[offset + c * stride]! - largest);
  return Math.log(sum) + largest - own;
}

/** Cross-entropy of one label that applies (`target` 1) or not (0). */
export function binaryCrossEntropyOf(score: number, logits: boolean, target: number): number {
  // PyTorch's BCELoss bounds the logarithm in the same way.
  if (!logits) return -Math.max(-100, Math.log(target === 1 ? score : 1 - score)) + 0;
  return Math.max(score, 0) - score * target + Math.log1p(Math.exp(-Math.abs(score)));
}

/** Whether every score of a row is a finite number. */
export function finiteRow(scores: Float32Array, offset: number, width: number): boolean {
  for (let i = offset; i < offset + width; i++) if (!Number.isFinite(scores[i]!)) return false;
  return true;
}
