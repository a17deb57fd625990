/** Spearman's correlation of two lists: Pearson's of their ranks, ties sharing the mean rank; NaN where one never varies. */
export function rankCorrelation(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const count = first.length;
  const [a, b] = [centeredRanks(first), centeredRanks(second)];
  let [together, ofA, ofB] = [0, 0, 0];
  // Pairs come in an order of their own, so that the sums do not depend on that of the samples.
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((i, j) => a[i]! - a[j]! || b[i]! - b[j]!);
  for (const i of order) {
    together += a[i]! * b[i]!;
    ofA += a[i]! ** 2;
    ofB += b[i]! ** 2;
  }
  if (ofA === 0 || ofB === 0) return Number.NaN;
  return together / Math.sqrt(ofA) / Math.sqrt(ofB);
}

/** Rank of each value less the mean rank. */
function centeredRanks(values: ArrayLike<number>): Float64Array {
  const count = values.length;
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(count);
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && values[order[end]!] === values[order[start]!]) end++;
    for (let at = start; at < end; at++) ranks[order[at]!] = (start + end - 1) / 2 - (count - 1) / 2;
    start = end;
  }
  return ranks;
}

/** The median, as numpy's; NaN of nothing. */
export function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return (sorted[middle - 1]! + sorted[middle]!) / 2;
  return sorted[Math.floor(middle)]!;
}
