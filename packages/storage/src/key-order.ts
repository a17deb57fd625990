/**
 * Compares two keys by Unicode code points, the order of their UTF-8 bytes, in which S3 and Google list. It differs from
 * `<` only where a character beyond U+FFFF meets one of U+E000..U+FFFF, whose UTF-16 code units are the larger ones.
 */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates (U+D800..U+DFFF) stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
