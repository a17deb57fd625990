// How far a range may be cut, given the histogram of its values.
import type { Histogram } from './histogram.js';

/** Smallest and largest value. */
export type Range = readonly [minimum: number, maximum: number];

/**
 * The range that holds `percentile` per cent of the values, cutting as many on either side; never wider than `extremes`.
 * As `compute_percentile` of onnxruntime.quantization, whose `edges[index of the cumulative share]` it takes.
 */
export function percentileRange({ counts, edges }: Histogram, percentile: number, extremes: Range): Range {
  const cut = (100 - percentile) / 200;
  const shares = cumulativeShares(counts);
  return within([edges[firstReaching(shares, cut)]!, edges[firstReaching(shares, 1 - cut)]!], extremes);
}

/** As {@link percentileRange} for magnitudes: `percentile` per cent lie in `[−t, t]`. */
export function symmetricPercentileRange({ counts, edges }: Histogram, percentile: number, extremes: Range): Range {
  const threshold = edges[firstReaching(cumulativeShares(counts), percentile / 100)]!;
  return within([-threshold, threshold], extremes);
}

function within([low, high]: Range, [minimum, maximum]: Range): Range {
  return [Math.max(low, minimum), Math.min(high, maximum)];
}

function cumulativeShares(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  return counts.map((count) => {
    sum += count / total;
    return sum;
  });
}

function firstReaching(ascending: Float64Array, value: number): number {
  const index = ascending.findIndex((share) => share >= value);
  return index === -1 ? ascending.length : index;
}

/**
 * The range around zero whose histogram, quantized to `quantizedBins`, is nearest to the whole one in Kullback-Leibler
 * divergence (Migacz, 8-bit Inference with TensorRT, GTC 2017), in the form of `get_entropy_threshold` of
 * onnxruntime.quantization. A histogram of no more than `quantizedBins` has one candidate: all of it.
 */
export function entropyRange({ counts, edges }: Histogram, quantizedBins: number, extremes: Range): Range {
  const zero = counts.length >> 1;
  const narrowest = quantizedBins >> 1;
  let best: Range = [0, 0];
  let least = Number.POSITIVE_INFINITY;
  const sums = cumulativeSums(counts);
  for (let half = narrowest; half <= zero; half++) {
    const start = zero - half;
    const end = Math.min(zero + half + 1, counts.length);
    const divergence = divergenceOf(counts, sums, start, end, quantizedBins);
    if (divergence < least || half === narrowest) {
      best = [edges[start]!, edges[end]!];
      least = divergence;
    }
  }
  return within(best, extremes);
}

function cumulativeSums(counts: Float64Array): Float64Array {
  const sums = new Float64Array(counts.length + 1);
  for (let bin = 0; bin < counts.length; bin++) sums[bin + 1] = sums[bin]! + counts[bin]!;
  return sums;
}

/** Divergence of the bins `[start, end)`, outliers put into the outermost, from what quantizing leaves of them. */
function divergenceOf(
  counts: Float64Array,
  sums: Float64Array,
  start: number,
  end: number,
  quantizedBins: number,
): number {
  const reference = counts.slice(start, end);
  const bins = reference.length;
  reference[0]! += sums[start]!;
  reference[bins - 1]! += sums.at(-1)! - sums[end]!;
  const merged = Math.floor(bins / quantizedBins);
  const candidate = new Float64Array(bins);
  for (let index = 0; index < quantizedBins; index++) {
    const from = index * merged;
    const to = from + merged;
    let total = sums[start + to]! - sums[start + from]!;
    if (index === quantizedBins - 1) total = sums[end]! - sums[start + from]!;
    let filled = 0;
    for (let bin = from; bin < to; bin++) if (reference[bin] !== 0) filled++;
    // Whole counts, as the integer array of the original.
    if (filled > 0) candidate.fill(Math.floor(total / filled), from, to);
  }
  const [p, q] = [smoothed(reference), smoothed(candidate)];
  return p === undefined || q === undefined ? Number.POSITIVE_INFINITY : relativeEntropy(p, q);
}

/** The counts with a little taken from the filled bins for the empty ones; `undefined` when all are empty. */
function smoothed(counts: Float64Array): Float32Array | undefined {
  const little = 0.0001;
  let filled = 0;
  for (let bin = 0; bin < counts.length; bin++) if (counts[bin] !== 0) filled++;
  if (filled === 0) return undefined;
  const taken = (little * (counts.length - filled)) / filled;
  if (taken >= 1) return undefined;
  const result = new Float32Array(counts.length);
  for (let bin = 0; bin < counts.length; bin++) result[bin] = counts[bin] === 0 ? little : counts[bin]! - taken;
  return result;
}

/** In float32 and summed in numpy's order, because candidates may be so near to each other that rounding decides. */
function relativeEntropy(p: Float32Array, q: Float32Array): number {
  const totalP = pairwiseSum(p, 0, p.length);
  const totalQ = pairwiseSum(q, 0, q.length);
  const terms = new Float32Array(p.length);
  for (let bin = 0; bin < p.length; bin++) {
    const share = Math.fround(p[bin]! / totalP);
    const other = Math.fround(q[bin]! / totalQ);
    terms[bin] = share * Math.fround(Math.log(Math.fround(share / other)));
  }
  return pairwiseSum(terms, 0, terms.length);
}

/** The sum as numpy.sum adds float32 numbers: halves down to 128, and in those eight sums side by side. */
function pairwiseSum(values: Float32Array, from: number, length: number): number {
  if (length > 128) {
    const half = Math.floor(length / 2) - (Math.floor(length / 2) % 8);
    return Math.fround(pairwiseSum(values, from, half) + pairwiseSum(values, from + half, length - half));
  }
  const lanes = new Float32Array(8);
  const whole = length < 8 ? 0 : length - (length % 8);
  for (let at = 0; at < whole; at++) lanes[at % 8]! += values[from + at]!;
  const pair = (lane: number) => Math.fround(lanes[lane]! + lanes[lane + 1]!);
  let sum = Math.fround(Math.fround(pair(0) + pair(2)) + Math.fround(pair(4) + pair(6)));
  for (let at = whole; at < length; at++) sum = Math.fround(sum + values[from + at]!);
  return sum;
}

/**
 * The range whose quantization to `levels` even steps has the least squared error over the histogram, values outside
 * saturating: both ends are drawn in together by hundredths, then each alone (Banner et al., 2019, search a clipping
 * value the same way, in closed form for two distributions).
 */
export function leastSquaresRange(histogram: Histogram, levels: number, extremes: Range): Range {
  const [minimum, maximum] = [Math.min(extremes[0], 0), Math.max(extremes[1], 0)];
  const error = ([low, high]: Range) => squaredError(histogram, levels, low, high);
  let best: Range = [minimum, maximum];
  let least = error(best);
  const consider = (low: number, high: number) => {
    const candidate = error([low, high]);
    if (candidate < least) {
      best = [low, high];
      least = candidate;
    }
  };
  for (let hundredth = 99; hundredth > 0; hundredth--) {
    consider((minimum * hundredth) / 100, (maximum * hundredth) / 100);
  }
  const [low, high] = best;
  for (let hundredth = 150; hundredth > 0; hundredth--) {
    consider(Math.max(minimum, (low * hundredth) / 100), best[1]);
  }
  for (let hundredth = 150; hundredth > 0; hundredth--) {
    consider(best[0], Math.min(maximum, (high * hundredth) / 100));
  }
  // Where zero had to be let in, the values end before it.
  return [Math.fround(Math.max(best[0], extremes[0])), Math.fround(Math.min(best[1], extremes[1]))];
}

/** Sum of squared errors of the bins' centres, rounded to the nearest of `levels` steps of `[low, high]`. */
export function squaredError({ counts, edges }: Histogram, levels: number, low: number, high: number): number {
  const scale = (high - low) / (levels - 1);
  if (!(scale > 0)) return Number.POSITIVE_INFINITY;
  const zero = Math.round(-low / scale);
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin]!;
    if (count === 0) continue;
    const centre = (edges[bin]! + edges[bin + 1]!) / 2;
    const step = Math.min(levels - 1, Math.max(0, Math.round(centre / scale) + zero));
    sum += count * (centre - scale * (step - zero)) ** 2;
  }
  return sum;
}
