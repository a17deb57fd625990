/** The cubic convolution kernel of Keys (1981), https://ieeexplore.ieee.org/document/1163711, at distance `x`. */
export function cubicKernel(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
}
