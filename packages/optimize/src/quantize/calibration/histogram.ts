// Histograms that widen with the values they see. Bins, edges and the rule by which they widen
// are those of onnxruntime.quantization's HistogramCollector over numpy.histogram: float32 edges, and a value belongs to
// the bin whose lower edge it does not fall below.

/** How often values fell between edges. */
export interface Histogram {
  /** `[bins]` */
  readonly counts: Float64Array;
  /** `[bins + 1]`, ascending. */
  readonly edges: Float32Array;
}

/** `bins + 1` edges as numpy.linspace(low, high) gives them in float32; one unit wide when `low` is `high`. */
function evenEdges(low: number, high: number, bins: number): Float32Array {
  const start = low === high ? Math.fround(low - 0.5) : low;
  const end = low === high ? Math.fround(high + 0.5) : high;
  const step = Math.fround(Math.fround(end - start) / bins);
  const edges = new Float32Array(bins + 1);
  for (let index = 0; index < bins; index++) edges[index] = Math.fround(index * step) + start;
  edges[bins] = end;
  return edges;
}

/** Adds values (or their magnitudes) to the counts; what lies outside the edges is left out. */
function countInto({ counts, edges }: Histogram, values: Float32Array, magnitudes: boolean): void {
  const low = edges[0]!;
  const high = edges[edges.length - 1]!;
  const binsPerUnit = counts.length / (high - low);
  for (let at = 0; at < values.length; at++) {
    const value = magnitudes ? Math.abs(values[at]!) : values[at]!;
    if (!(value >= low && value <= high)) continue;
    const bin = binOf(value, edges, binsPerUnit);
    counts[bin] = counts[bin]! + 1;
  }
}

/** The bin of a value that lies between the outer edges. */
function binOf(value: number, edges: Float32Array, binsPerUnit: number): number {
  const last = edges.length - 2;
  let bin = Math.min(last, Math.floor((value - edges[0]!) * binsPerUnit));
  while (bin > 0 && value < edges[bin]!) bin--;
  while (bin < last && value >= edges[bin + 1]!) bin++;
  return bin;
}

/** The counts of a histogram between wider edges: each bin's go where its centre lies. */
function recounted({ counts, edges }: Histogram, wider: Float32Array): Float64Array {
  const result = new Float64Array(wider.length - 1);
  const binsPerUnit = result.length / (wider.at(-1)! - wider[0]!);
  for (let bin = 0; bin < counts.length; bin++) {
    const at = binOf((edges[bin]! + edges[bin + 1]!) / 2, wider, binsPerUnit);
    result[at] = result[at]! + counts[bin]!;
  }
  return result;
}

/** Bins on both sides of zero, as far as the largest magnitude. Widens by whole bins on either side. */
export class SignedHistogram implements Histogram {
  counts: Float64Array;
  edges: Float32Array = new Float32Array();
  readonly #mostBins: number;
  #threshold: number | undefined;

  /** Starts with `bins` bins; when widening would make more than `mostBins`, it is spread over half as many anew. */
  constructor(bins: number, mostBins: number) {
    this.counts = new Float64Array(bins);
    this.#mostBins = mostBins;
  }

  /** Adds values whose largest magnitude is `threshold`. */
  add(values: Float32Array, threshold: number): void {
    if (this.#threshold === undefined) this.#spread(this.counts, threshold);
    else if (threshold > this.#threshold) this.#widen(threshold, this.#threshold);
    countInto(this, values, false);
  }

  #widen(threshold: number, old: number): void {
    if (old === 0) {
      this.#spread(this.counts, threshold);
      return;
    }
    const width = Math.fround((2 * old) / this.counts.length);
    const more = floorDivide(Math.fround(threshold - old), width) + 1;
    if (!(this.counts.length + 2 * more <= this.#mostBins)) {
      const edges = evenEdges(-threshold, threshold, this.#mostBins / 2);
      this.#spread(recounted(this, edges), threshold);
      return;
    }
    const counts = new Float64Array(this.counts.length + 2 * more);
    counts.set(this.counts, more);
    this.#spread(counts, Math.fround(Math.fround(more * width) + old));
  }

  #spread(counts: Float64Array, threshold: number): void {
    this.#threshold = threshold;
    this.counts = counts;
    this.edges = evenEdges(-threshold, threshold, counts.length);
  }
}

/** numpy's floor_divide of positive float32 numbers. */
function floorDivide(dividend: number, divisor: number): number {
  return Math.round(Math.fround((dividend - (dividend % divisor)) / divisor));
}

/** Bins of magnitudes, from the smallest of the first batch on (smaller ones later are left out). Widens upwards. */
export class MagnitudeHistogram implements Histogram {
  counts: Float64Array;
  edges: Float32Array = new Float32Array();
  readonly #mostBins: number;

  /** As {@link SignedHistogram}. */
  constructor(bins: number, mostBins: number) {
    this.counts = new Float64Array(bins);
    this.#mostBins = mostBins;
  }

  /** Adds the magnitudes of values; `largest` is the largest of them. */
  add(values: Float32Array, largest: number): void {
    if (this.edges.length === 0) {
      let smallest = largest;
      for (let at = 0; at < values.length; at++) smallest = Math.min(smallest, Math.abs(values[at]!));
      this.edges = evenEdges(smallest, largest, this.counts.length);
    } else if (largest > this.edges.at(-1)!) this.#widen(largest);
    countInto(this, values, true);
  }

  /** Appends the numbers of numpy.arange, which takes its step from the first two. */
  #widen(largest: number): void {
    const width = Math.fround(this.edges[1]! - this.edges[0]!);
    const first = Math.fround(this.edges.at(-1)! + width);
    const more = Math.ceil(Math.fround(Math.fround(Math.fround(largest + width) - first) / width));
    if (!(this.counts.length + more <= this.#mostBins)) {
      const edges = evenEdges(this.edges[0]!, largest, this.#mostBins / 2);
      this.counts = recounted(this, edges);
      this.edges = edges;
      return;
    }
    const step = Math.fround(Math.fround(first + width) - first);
    const edges = new Float32Array(this.edges.length + more);
    edges.set(this.edges);
    for (let index = 0; index < more; index++) {
      edges[this.edges.length + index] = Math.fround(first + Math.fround(index * step));
    }
    const counts = new Float64Array(this.counts.length + more);
    counts.set(this.counts);
    this.edges = edges;
    this.counts = counts;
  }
}
