import { describeValue, type Image, PerceptError } from '@percept/core';

/**
 * Checks that an image is a whole 8-bit one and narrows its type.
 *
 * @param name - what the image is called in the message
 * @throws PerceptError `INVALID_ARGUMENT` when `data` is not a `Uint8Array`, or its length is not
 *   `width * height * channels`
 */
export function requireUint8Image(image: Image, name = 'image'): Image<Uint8Array> {
  if (!(image.data instanceof Uint8Array)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected 8-bit data (Uint8Array) for ${name} but received ${describeValue(image.data)}`,
    );
  }
  requireWhole(image, name);
  return image as Image<Uint8Array>;
}

/** {@link requireUint8Image} for 16 bits. */
export function requireUint16Image(image: Image, name = 'image'): Image<Uint16Array> {
  if (!(image.data instanceof Uint16Array)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected 16-bit data (Uint16Array) for ${name} but received ${describeValue(image.data)}`,
    );
  }
  requireWhole(image, name);
  return image as Image<Uint16Array>;
}

function requireWhole({ width, height, channels, data }: Image, name: string): void {
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (whole && [1, 3, 4].includes(channels) && data.length === width * height * channels) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected width × height × channels (1, 3 or 4) samples for ${name} but received ${width} × ${height} × ${channels} with ${data.length} samples`,
  );
}
