const magnitudes: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
];

/** `1234567.8` as `1,234,567.80` with `decimals` decimals. Independent of the machine's locale. */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1e21) return trimZeros(value.toExponential(4));
  const fixed = value.toFixed(decimals);
  // A value that is not 0 must not look like 0.
  if (value !== 0 && Number(fixed) === 0) return trimZeros(value.toExponential(2));
  const [whole = '', fraction] = fixed.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A number as short as it can be read: `12,500`, `0.25`, `12.5M`, `2e-5`. At most six significant decimals. */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0) return String(value + 0);
  if (size >= 1e15 || size < 1e-4) return trimZeros(value.toExponential(4)).replace('e+', 'e');
  if (size >= 1e7) {
    const [unit, suffix] = magnitudes.find(([limit]) => size >= limit)!;
    return `${Number((value / unit).toPrecision(5))}${suffix}`;
  }
  const rounded = Number(value.toPrecision(8));
  const decimals = Math.min(6, (String(rounded).split('.')[1] ?? '').length);
  return formatFixed(rounded, decimals);
}

/** Decimals with which all values of a column are shown: none for integers, else about four significant digits. */
export function decimalsFor(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  if (finite.every(Number.isInteger)) return 0;
  const largest = Math.max(...finite.map(Math.abs));
  return Math.min(6, Math.max(2, 3 - Math.floor(Math.log10(largest))));
}

function trimZeros(exponential: string): string {
  return exponential.replace(/\.?0+(?=e)/, '');
}
