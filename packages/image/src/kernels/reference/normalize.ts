import type { Image } from '@percept/core';
import type { Normalization } from '../normalization.js';
import { sourceChannels, type TensorPlace } from '../normalize-rows.js';

/** Writes an 8-bit image as normalised values, in plain TypeScript. */
export function normalizeReference(
  { data, width, height, channels }: Image<Uint8Array>,
  { color, layout, channels: outputs }: Normalization,
  out: Float32Array,
  { offset, rowStep, planeStep }: TensorPlace,
): void {
  const [channelStep, columnStep] = layout === 'NCHW' ? [planeStep, 1] : [1, outputs.length];
  sourceChannels(color, channels).forEach((channel, index) => {
    const { table } = outputs[index]!;
    let from = channel;
    for (let y = 0; y < height; y++) {
      let to = offset + y * rowStep + index * channelStep;
      for (let x = 0; x < width; x++, from += channels, to += columnStep) out[to] = table[data[from]!]!;
    }
  });
}
