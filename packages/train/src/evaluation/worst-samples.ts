/** The `count` values with the highest badness out of any number, in memory for `count`. NaN is the worst of all. */
export class WorstSamples<T> {
  readonly #count: number;
  // A binary heap with the least bad on top, which is the next to go.
  readonly #heap: { readonly badness: number; readonly order: number; readonly value: T }[] = [];
  #added = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /** Adds a value, made only when it is bad enough to be kept. Of equally bad ones those added first are kept. */
  add(badness: number, make: () => T): void {
    const order = this.#added++;
    const candidate = { badness: Number.isNaN(badness) ? Number.POSITIVE_INFINITY : badness, order };
    const heap = this.#heap;
    if (heap.length < this.#count) {
      heap.push({ ...candidate, value: make() });
      this.#rise(heap.length - 1);
    } else if (this.#count > 0 && compare(candidate, heap[0]!) < 0) {
      heap[0] = { ...candidate, value: make() };
      this.#sink(0);
    }
  }

  /** What was kept, the worst first. */
  values(): T[] {
    return [...this.#heap].sort(compare).map(({ value }) => value);
  }

  #rise(at: number): void {
    const heap = this.#heap;
    for (let child = at; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (compare(heap[child]!, heap[parent]!) <= 0) return;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      child = parent;
    }
  }

  #sink(at: number): void {
    const heap = this.#heap;
    for (let parent = at; ; ) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      let least = parent;
      if (left < heap.length && compare(heap[left]!, heap[least]!) > 0) least = left;
      if (right < heap.length && compare(heap[right]!, heap[least]!) > 0) least = right;
      if (least === parent) return;
      [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
      parent = least;
    }
  }
}

/** Orders from worst to least bad. */
function compare(
  a: { readonly badness: number; readonly order: number },
  b: { readonly badness: number; readonly order: number },
): number {
  return a.badness === b.badness ? a.order - b.order : b.badness - a.badness;
}
