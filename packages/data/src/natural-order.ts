/**
 * Compares names as people order them: runs of digits by their number (`class2` before `class10`), the rest by UTF-16
 * code units, so that the order is the same in every locale. Names equal so far (`01`, `1`) go by code units.
 */
export function compareNaturally(a: string, b: string): number {
  const first = parts(a);
  const second = parts(b);
  for (let at = 0; at < Math.min(first.length, second.length); at++) {
    const [left, right] = [first[at]!, second[at]!];
    const order = isDigits(left) && isDigits(right) ? compareDigits(left, right) : compareUnits(left, right);
    if (order !== 0) return order;
  }
  return first.length - second.length || compareUnits(a, b);
}

function parts(name: string): string[] {
  return name.match(/[0-9]+|[^0-9]+/g) ?? [];
}

function isDigits(part: string): boolean {
  return /^[0-9]/.test(part);
}

/** By number of significant digits, then digit by digit: exact at any length. */
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareUnits(left, right);
}

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
