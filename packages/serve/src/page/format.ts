/** 0..1 as a percentage that never claims certainty it does not have: 99.97 % stays below 100 %. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 99.9 && value < 100) return '>99.9 %';
  if (value > 0 && value < 0.1) return '<0.1 %';
  return `${value.toFixed(1)} %`;
}

/** Milliseconds, as exactly as they matter. */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** A figure of the monitor: three significant digits at most. */
export function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}
