import { decodeImage } from './decode.js';
import { createPreprocess, type Preprocess } from './preprocess-bytes.js';

/**
 * Makes the input tensor of one image: `[1, C, H, W]`, or `[1, H, W, C]` with `layout: 'NHWC'`, of the spec's `dtype`.
 * Steps, in the order of the spec's fields: colour, resize, centre crop (padded with black where the image is smaller, as
 * torchvision does), then `(value * scale - mean) / std` per channel.
 *
 * An `Image` gives the tensor at once; encoded bytes are decoded first, which gives a promise. The same image gives the
 * same tensor, bit for bit, in Node and in browsers. A spec is checked at its first use and must not be changed after it.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or a spec that {@link parsePreprocessSpec}
 *   refuses; for bytes also whatever {@link decodeImage} throws
 */
export const preprocess: Preprocess = /* @__PURE__ */ createPreprocess(async (bytes, options, use) =>
  use(await decodeImage(bytes, options)),
);
