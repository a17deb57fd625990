/** The nearest multiple of `divisor`, at least one, and not less than nine tenths of `value` (Howard et al.'s rule for channels). */
export function roundToMultiple(value: number, divisor: number): number {
  const nearest = Math.max(divisor, Math.floor((value + divisor / 2) / divisor) * divisor);
  return nearest < 0.9 * value ? nearest + divisor : nearest;
}
