/**
 * A growing list of scores: 4 bytes each while all of them are float32 numbers, as those of a model are, and 8 bytes once
 * one is not.
 */
export class ScoreList {
  #data: Float32Array | Float64Array = new Float32Array(16);
  #sorted = true;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(score: number): void {
    if (this.#data instanceof Float32Array && Math.fround(score) !== score) this.#data = Float64Array.from(this.#data);
    if (this.#length === this.#data.length) this.#reserve(Math.ceil(this.#length * 1.5));
    this.#data[this.#length++] = score;
    this.#sorted = false;
  }

  /** Adds the scores of another list. */
  append(other: ScoreList): void {
    if (this.#data instanceof Float32Array && other.#data instanceof Float64Array) {
      this.#data = Float64Array.from(this.#data);
    }
    if (this.#length + other.#length > this.#data.length) this.#reserve(this.#length + other.#length);
    this.#data.set(other.#data.subarray(0, other.#length), this.#length);
    this.#length += other.#length;
    this.#sorted = false;
  }

  /** The scores in the order in which they came, unless they were {@link ScoreList.sorted}; valid until the next is added. */
  values(): Float32Array | Float64Array {
    return this.#data.subarray(0, this.#length);
  }

  /** The scores, ascending; valid until the next one is added. */
  sorted(): Float32Array | Float64Array {
    const scores = this.#data.subarray(0, this.#length);
    if (!this.#sorted) scores.sort();
    this.#sorted = true;
    return scores;
  }

  #reserve(length: number): void {
    const grown = this.#data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
    grown.set(this.#data.subarray(0, this.#length));
    this.#data = grown;
  }
}
