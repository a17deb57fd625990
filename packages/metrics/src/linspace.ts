/**
 * `count` numbers from 0 to 1 in equal steps, in float32 and from both ends as `torch.linspace`, so that a score on a
 * boundary falls to the same side.
 */
export function linspace(count: number): Float32Array {
  const step = Math.fround(1 / (count - 1));
  return Float32Array.from({ length: count }, (_, i) =>
    i < count / 2 ? Math.fround(step * i) : Math.fround(1 - Math.fround(step * (count - 1 - i))),
  );
}

/** How many of the ascending `values` are at most `value`. */
export function countAtMost(values: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
