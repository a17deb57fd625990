import { PerceptError } from '@percept/core';

/** A container that {@link probeImage} understands. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'heic' | 'tiff' | 'bmp';

/** What a header says before any pixel is decoded. */
export interface ImageHeader {
  readonly format: ImageFormat;
  /** Stored pixels in a row, before orientation. */
  readonly width: number;
  /** Stored rows, before orientation. */
  readonly height: number;
  /** EXIF orientation, 1..8. */
  readonly orientation: number;
  /** Where the orientation's 16-bit value stands in the file, so that it can be neutralised. */
  readonly orientationAt?: { readonly offset: number; readonly littleEndian: boolean } | undefined;
  /** Bits of a stored sample; 8 for a palette's colours. */
  readonly bitDepth: number;
  /** Transparency is declared. */
  readonly alpha: boolean;
  /** Frames or pages; `undefined` when the data ends before they can be counted. */
  readonly frames: number | undefined;
  /** Bytes of profiles, EXIF, text and other blocks that are not pixels, as far as the header lists them. */
  readonly metadataBytes: number;
  /** Only luminance is stored (with or without alpha). */
  readonly gray: boolean;
  /** An embedded ICC profile that is not sRGB asks for a colour conversion. */
  readonly profile: boolean;
  /** Colour channels of a JPEG or TIFF where that is known; 4 for CMYK. */
  readonly components?: number | undefined;
  /** A JPEG of several scans. */
  readonly progressive?: boolean;
  /** What is broken beyond doubt, though the header can be read. */
  readonly damage?: string | undefined;
  /** Whether the file goes on to its end mark, where that is cheap to see (PNG). */
  readonly whole?: boolean;
}

/** Bounds-checked reads from a file's bytes: past the end is an error that names the format, never `undefined`. */
export class HeaderReader {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, format: ImageFormat) {
    this.bytes = bytes;
    this.format = format;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    this.#need(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number, littleEndian = false): number {
    this.#need(at, 2);
    return this.#view.getUint16(at, littleEndian);
  }

  u32(at: number, littleEndian = false): number {
    this.#need(at, 4);
    return this.#view.getUint32(at, littleEndian);
  }

  /** Whether the ASCII `text` stands at `at`; `false` past the end. */
  has(at: number, text: string): boolean {
    if (at < 0 || at + text.length > this.length) return false;
    for (let i = 0; i < text.length; i++) if (this.bytes[at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** The error of a header that cannot be read. */
  fail(problem: string): never {
    throw new PerceptError(
      'IMAGE_DECODE_FAILED',
      `Expected a whole ${this.format.toUpperCase()} header but ${problem} (${this.length} bytes in all); the file is cut off or damaged`,
      { details: { format: this.format, byteLength: this.length } },
    );
  }

  #need(at: number, count: number): void {
    if (at < 0 || at + count > this.length) this.fail(`received data that ends at byte ${this.length}, inside it`);
  }
}
