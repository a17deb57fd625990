import type { Normalization } from '../normalization.js';

/** Where the values of a rectangle of pixels go in a tensor, counted in values. */
export interface TensorPlace {
  readonly offset: number;
  readonly columnStep: number;
  readonly rowStep: number;
  readonly channelStep: number;
}

/** The source channel of each tensor channel: grey is repeated, alpha is left out. */
export function sourceChannels(color: Normalization['color'], channels: number): readonly number[] {
  if (color === 'gray') return [0];
  if (channels === 1) return [0, 0, 0];
  return color === 'bgr' ? [2, 1, 0] : [0, 1, 2];
}

/** Writes the rows of 8-bit pixels in `data` as normalised values, in plain TypeScript. */
export function normalizeReference(
  data: Uint8Array,
  width: number,
  channels: number,
  { color, channels: outputs }: Normalization,
  out: Float32Array,
  { offset, columnStep, rowStep, channelStep }: TensorPlace,
): void {
  const height = data.length / (width * channels);
  sourceChannels(color, channels).forEach((channel, index) => {
    const { table } = outputs[index]!;
    let from = channel;
    for (let y = 0; y < height; y++) {
      let to = offset + y * rowStep + index * channelStep;
      for (let x = 0; x < width; x++, from += channels, to += columnStep) out[to] = table[data[from]!]!;
    }
  });
}
