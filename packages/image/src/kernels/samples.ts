import { describeValue, type Image, type ImageData, PerceptError } from '@percept/core';

/** The element types of images, by name. */
export type SampleType = 'uint8' | 'uint16' | 'float32';

/** The element type of an image's array, or `undefined` for another array. */
function sampleTypeOf(data: unknown): SampleType | undefined {
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Uint16Array) return 'uint16';
  return data instanceof Float32Array ? 'float32' : undefined;
}

/**
 * Checks that an image is whole and of a type that the kernel takes.
 *
 * @param counts - numbers of channels that the kernel takes
 * @throws PerceptError `INVALID_ARGUMENT` for another element type or number of channels, or when `data.length` is not
 *   `width * height * channels`
 */
export function requireImage(
  image: Image,
  types: readonly SampleType[],
  name = 'image',
  counts: readonly number[] = [1, 3, 4],
): SampleType {
  const { width, height, channels, data } = image;
  const type = sampleTypeOf(data);
  if (type === undefined || !types.includes(type)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected ${types.join(' or ')} data for ${name} but received ${type ?? describeValue(data)}`,
    );
  }
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!whole || !counts.includes(channels) || data.length !== width * height * channels) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected width × height × channels (${counts.join(' or ')}) samples for ${name} but received ${width} × ${height} × ${channels} with ${data.length} samples`,
    );
  }
  return type;
}

/** A new array of the same element type; never a subclass such as `Buffer`. */
export function arrayLike<Data extends ImageData>(data: Data, length: number): Data {
  const array = allocate(length, () =>
    data instanceof Uint8Array
      ? new Uint8Array(length)
      : data instanceof Uint16Array
        ? new Uint16Array(length)
        : new Float32Array(length),
  );
  return array as ImageData as Data;
}

/**
 * What `make` makes, an array of `length` elements.
 *
 * @throws PerceptError `IMAGE_TOO_LARGE` when there is no memory for it, or no array of that length
 */
export function allocate<Result>(length: number, make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    throw new PerceptError(
      'IMAGE_TOO_LARGE',
      `Expected a result that fits into memory but received sizes that make it ${length} values; choose a smaller size`,
      { details: { received: length }, cause },
    );
  }
}

/**
 * Where a result goes: the caller's `out`, or a new array.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when `out` has another element type or length
 */
export function resultArray<Data extends ImageData>(out: Data | undefined, like: Data, length: number): Data {
  if (out === undefined) return arrayLike(like, length);
  const type = sampleTypeOf(like)!;
  if (sampleTypeOf(out) !== type || out.length !== length) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a ${type} array of ${length} samples for out but received ${sampleTypeOf(out) ?? describeValue(out)} with ${out.length}`,
    );
  }
  return out;
}
