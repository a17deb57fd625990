/** Reads exact numbers of bytes off a stream of chunks of any size. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #used = 0;
  #position = 0;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Bytes consumed so far. */
  get position(): number {
    return this.#position;
  }

  /**
   * The next `count` bytes as a fresh array, fewer at the end of the stream. Memory grows with what arrives, not with
   * what is asked for, so a lying length costs nothing.
   */
  async read(count: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    const got = await this.#take(count, (piece) => pieces.push(piece));
    const out = new Uint8Array(got);
    let offset = 0;
    for (const piece of pieces) {
      out.set(piece, offset);
      offset += piece.length;
    }
    return out;
  }

  /** Passes over `count` bytes; resolves with how many there were. */
  async skip(count: number): Promise<number> {
    return this.#take(count, () => {});
  }

  /** Tells the stream that no more will be read. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #take(count: number, keep: (piece: Uint8Array) => void): Promise<number> {
    let missing = count;
    while (missing > 0) {
      if (this.#used === this.#chunk.length) {
        const next = await this.#chunks.next();
        if (next.done) break;
        this.#chunk = next.value;
        this.#used = 0;
      }
      const end = Math.min(this.#chunk.length, this.#used + missing);
      if (end > this.#used) keep(this.#chunk.subarray(this.#used, end));
      missing -= end - this.#used;
      this.#used = end;
    }
    this.#position += count - missing;
    return count - missing;
  }
}
