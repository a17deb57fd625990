import {
  type Image,
  type PreprocessSpec,
  type PreprocessType,
  parseOptions,
  type Tensor,
  throwIfAborted,
} from '@percept/core';
import * as z from 'zod/mini';
import type { DecodeOptions } from './decode-options.js';
import { requireUint8Image } from './pixels.js';
import { geometryOf, type Size } from './preprocess-geometry.js';
import { planOf } from './preprocess-plan.js';
import { tensorOf } from './preprocess-tensor.js';
import { probeImage } from './probe.js';

/** Options of {@link preprocess} when it is given encoded bytes: how they are decoded. */
export interface PreprocessOptions
  extends Pick<
    DecodeOptions,
    | 'background'
    | 'dctMethod'
    | 'inline'
    | 'jpegDecoder'
    | 'maxBytes'
    | 'maxPixels'
    | 'maxFrames'
    | 'maxMetadataBytes'
    | 'signal'
  > {
  /**
   * Lets a large JPEG be decoded at a reduced scale, as {@link DecodeOptions.targetSize} says: less memory and time, but
   * values that differ a little from those of the whole image. Default `false`.
   */
  readonly scaledDecoding?: boolean;
}

/** {@link preprocess}: at once for an image, as a promise for encoded bytes. */
export interface Preprocess {
  <Type extends PreprocessType = 'float32'>(image: Image, spec: PreprocessSpec<Type>): Tensor<Type>;
  <Type extends PreprocessType = 'float32'>(
    bytes: Uint8Array,
    spec: PreprocessSpec<Type>,
    options?: PreprocessOptions,
  ): Promise<Tensor<Type>>;
  <Type extends PreprocessType = 'float32'>(
    input: Image | Uint8Array,
    spec: PreprocessSpec<Type>,
    options?: PreprocessOptions,
  ): Tensor<Type> | Promise<Tensor<Type>>;
}

/** Decodes to 8 bits and gives `use` the pixels, whose memory may serve another image as soon as `use` has returned. */
export type DecodePixels = <Result>(
  bytes: Uint8Array,
  options: DecodeOptions,
  use: (image: Image<Uint8Array>) => Result,
) => Promise<Result>;

const unchecked = z.optional(z.any());
/** What the spec decides (`color`, `depth`) is refused, not ignored; the values of what decoding takes are checked there. */
const schema = z.strictObject({
  scaledDecoding: z._default(z.boolean(), false),
  background: unchecked,
  dctMethod: unchecked,
  inline: unchecked,
  jpegDecoder: unchecked,
  maxBytes: unchecked,
  maxPixels: unchecked,
  maxFrames: unchecked,
  maxMetadataBytes: unchecked,
  signal: unchecked,
});

/** `preprocess` over a way to decode. */
export function createPreprocess(decode: DecodePixels): Preprocess {
  async function fromBytes(bytes: Uint8Array, spec: PreprocessSpec, options: PreprocessOptions): Promise<Tensor> {
    const plan = planOf(spec);
    const { scaledDecoding, ...decoding } = parseOptions(schema, options, 'preprocess() options');
    const original: Size | undefined = scaledDecoding ? probeImage(bytes) : undefined;
    const decodeOptions: DecodeOptions = {
      ...(decoding as DecodeOptions),
      color: plan.channels === 1 ? 'gray' : 'rgb',
      ...(original && { targetSize: geometryOf(plan.spec, original).content }),
    };
    return decode(bytes, decodeOptions, (image) => {
      throwIfAborted(options.signal);
      return tensorOf(image, plan, original ?? image);
    });
  }
  return ((input: Image | Uint8Array, spec: PreprocessSpec, options: PreprocessOptions = {}) => {
    if (input instanceof Uint8Array) return fromBytes(input, spec, options);
    const image = requireUint8Image(input);
    return tensorOf(image, planOf(spec), image);
  }) as Preprocess;
}
