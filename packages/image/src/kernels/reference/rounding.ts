/** The nearest integer; the even one of two equally near. For magnitudes below 2²². */
export function roundHalfEven(value: number): number {
  return Math.fround(Math.fround(value) + 12_582_912) - 12_582_912;
}
