/** Name and options on one line, for checkpoints and trackers. Options that are undefined are left out. */
export function describeOptions(name: string, options: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`);
  return `${name}(${parts.join(', ')})`;
}
