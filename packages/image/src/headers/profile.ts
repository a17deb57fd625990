/**
 * Whether the ICC profile that begins in `[start, end)` calls itself sRGB. Its description stands in the first block as
 * ASCII (version 2) or UTF-16 (version 4); every other profile needs a colour conversion.
 */
export function namesSrgb(bytes: Uint8Array, start: number, end: number): boolean {
  const letters = [0x73, 0x52, 0x47, 0x42];
  const last = Math.min(end, bytes.length);
  const found = (at: number, step: number): boolean => letters.every((letter, i) => bytes[at + i * step] === letter);
  for (let at = start; at < last; at++) {
    if (bytes[at] !== letters[0]) continue;
    if (found(at, 1) || found(at, 2)) return true;
  }
  return false;
}
