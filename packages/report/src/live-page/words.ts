/** A number for people: four significant digits, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e9)) return value.toExponential(2);
  if (Number.isInteger(value) || size >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(4)));
}

/** Seconds as `2 h 05 min`, `3 min 20 s`, `12 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const padded = (value: number): string => String(value).padStart(2, '0');
  if (hours > 0) return `${hours} h ${padded(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${padded(whole % 60)} s` : `${whole} s`;
}
