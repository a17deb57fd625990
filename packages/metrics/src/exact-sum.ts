// Sums without rounding (Shewchuk 1997, "Adaptive precision floating-point arithmetic"): a sum is a list of doubles that do
// not overlap, whose true sum is that of everything added. So neither order nor grouping changes a digit of the result,
// and differences of large sums, as in a variance, lose nothing. Terms must stay below about 1e300.

/** A sum of doubles that is exact until it is read. */
export class ExactSum {
  #parts: number[] = [];

  /** @param parts - of another sum, see {@link ExactSum.parts} */
  constructor(parts: Iterable<number> = []) {
    for (const part of parts) this.add(part);
  }

  /** The doubles whose sum it is, without overlap, ascending by magnitude. */
  get parts(): readonly number[] {
    return this.#parts;
  }

  /** The sum, correctly rounded. */
  get value(): number {
    return roundedSum(this.#parts);
  }

  add(term: number): void {
    const parts = this.#parts;
    let kept = 0;
    let high = term;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      const sum = high + part;
      const virtual = sum - high;
      const low = high - (sum - virtual) + (part - virtual);
      if (low !== 0) parts[kept++] = low;
      high = sum;
    }
    parts.length = kept;
    if (high !== 0) parts.push(high);
  }

  /** Adds the product of two numbers, whose rounding error is added too. */
  addProduct(a: number, b: number): void {
    const product = a * b;
    this.add(product);
    const error = productError(a, b, product);
    if (error !== 0) this.add(error);
  }

  /** Adds all of another sum. */
  merge(other: ExactSum): void {
    for (const part of [...other.#parts]) this.add(part);
  }
}

/** `count × products − first × second` of sums: `count²` times a variance or a covariance, rounded once. */
export function centeredProduct(count: number, products: ExactSum, first: ExactSum, second: ExactSum): number {
  const result = new ExactSum();
  for (const part of products.parts) result.addProduct(count, part);
  for (const a of first.parts) for (const b of second.parts) result.addProduct(-a, b);
  return result.value;
}

/** What rounding took from `product = a × b` (Dekker 1971). */
function productError(a: number, b: number, product: number): number {
  const [highA, lowA] = halves(a);
  const [highB, lowB] = halves(b);
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

/** A double as a sum of two with 26 bits each. */
function halves(value: number): [high: number, low: number] {
  const scaled = value * 134_217_729;
  const high = scaled - (scaled - value);
  return [high, value - high];
}

/** The correctly rounded sum of parts that do not overlap, ascending by magnitude, as Python's `math.fsum` ends. */
function roundedSum(parts: readonly number[]): number {
  let at = parts.length - 1;
  if (at < 0) return 0;
  let high = parts[at]!;
  let low = 0;
  while (at > 0 && low === 0) {
    const before = high;
    const part = parts[--at]!;
    high = before + part;
    low = part - (high - before);
  }
  // Half a unit: what lies below decides which way to round.
  if (at > 0 && low !== 0 && low > 0 === parts[at - 1]! > 0) {
    const twice = low * 2;
    const up = high + twice;
    if (up - high === twice) return up;
  }
  return high;
}
