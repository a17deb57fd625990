import { type Image, isPerceptError, PerceptError, type SampleSource } from '@percept/core';
import { decodeImage } from '@percept/image';
import { Limiter } from './limiter.js';

/** A decoded sample. */
export interface DecodedSample {
  readonly key: string;
  readonly label: number;
  readonly image: Image<Uint8Array>;
}

/** Reads and decodes at a time: enough to keep a decoder's threads busy. */
const concurrency = 8;

/** What an entry takes besides its pixels, roughly. */
const entryOverhead = 256;

/**
 * Decoded samples of a source, kept in memory up to a limit. An epoch visits every sample once, so what was decoded first
 * stays and nothing is evicted: evicting the least recently used would always drop what is needed next.
 */
export class DecodedImages {
  readonly #source: SampleSource;
  readonly #color: 'rgb' | 'gray';
  readonly #limiter = new Limiter(concurrency);
  readonly #kept = new Map<number, DecodedSample>();
  #room: number;

  constructor(source: SampleSource, color: 'rgb' | 'gray', maxBytes: number) {
    this.#source = source;
    this.#color = color;
    this.#room = maxBytes;
  }

  /** The sample, if it is in memory. */
  peek(index: number): DecodedSample | undefined {
    return this.#kept.get(index);
  }

  /**
   * Reads and decodes a sample. Rejects with `DATA_SAMPLE_UNREADABLE`, naming it, or with `ABORTED`.
   *
   * @param throwIfStopped - called before the work begins, which may be long after this call
   */
  async load(index: number, throwIfStopped: () => void): Promise<DecodedSample> {
    return this.#limiter.run(async () => {
      throwIfStopped();
      let key = nameOf(this.#source, index);
      try {
        const sample = await this.#source.read(index);
        key = sample.key;
        if (!Number.isInteger(sample.label) || !(sample.label in this.#source.classes)) {
          throw new PerceptError('DATA_SAMPLE_INVALID', `its label ${sample.label} is none of its classes`);
        }
        const image = await decodeImage(sample.image, { color: this.#color });
        const decoded = { key, label: sample.label, image };
        this.#keep(index, decoded);
        return decoded;
      } catch (cause) {
        if (isPerceptError(cause, 'MISSING_PEER')) throw cause;
        throw unreadable(key, index, cause);
      }
    });
  }

  #keep(index: number, decoded: DecodedSample): void {
    const size = decoded.image.data.byteLength + entryOverhead;
    if (size > this.#room || this.#kept.has(index)) return;
    this.#room -= size;
    this.#kept.set(index, decoded);
  }
}

/** The key, where the source knows it without reading. */
function nameOf(source: SampleSource & { readonly keys?: readonly string[] }, index: number): string | undefined {
  return source.keys?.[index];
}

function unreadable(key: string | undefined, index: number, cause: unknown): PerceptError {
  const code = isPerceptError(cause) ? cause.code : undefined;
  const name = key === undefined ? `at index ${index}` : JSON.stringify(key);
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = code?.startsWith('IMAGE_') ? '. Leave it out with validateSource()' : '';
  return new PerceptError(
    'DATA_SAMPLE_UNREADABLE',
    `Expected a readable image for sample ${name} but: ${reason}${advice}`,
    { details: { key, index, code }, cause },
  );
}
