// Runs the normalising kernels on packed rows of 8-bit pixels that lie in the module's memory, and copies the values to
// where they belong in the tensor. Whichever kernel runs, the values are those of the normalization's tables.
import type { ChannelNormalization, Normalization } from './normalization.js';
import { preprocessKernels } from './preprocess.generated.js';
import { view, write } from './runtime.js';

/** Where the values of a rectangle of pixels go in a tensor, counted in values. */
export interface TensorPlace {
  /** Of the first value. */
  readonly offset: number;
  /** From a row to the next. */
  readonly rowStep: number;
  /** From a channel's plane to the next; planar layout only. */
  readonly planeStep: number;
}

/** Makes the values of packed rows. */
export interface RowNormalizer {
  /** Bytes of memory for constants. */
  readonly constantBytes: number;
  /** Bytes of memory for the values of a pixel; {@link spareBytes} come on top. */
  readonly pixelBytes: number;
  /** Writes the constants to `pointer`. */
  load(pointer: number): void;
  /** Normalises `rows` rows of `width` pixels at `pixels` with the constants, and copies the values into `out`. */
  run(
    area: { readonly pixels: number; readonly constants: number; readonly values: number },
    width: number,
    rows: number,
    out: Float32Array,
    place: TensorPlace,
  ): void;
}

/** Bytes that the kernels may write behind the values. */
export const spareBytes = 256;

/** The source channel of each tensor channel: grey is repeated, alpha is left out. */
export function sourceChannels(color: Normalization['color'], channels: number): readonly number[] {
  if (color === 'gray') return [0];
  if (channels === 1) return [0, 0, 0];
  return color === 'bgr' ? [2, 1, 0] : [0, 1, 2];
}

/** Chooses the kernels for pixels of `channels` samples. */
export function rowNormalizer(normalization: Normalization, channels: 1 | 3 | 4): RowNormalizer {
  const { color, layout, channels: outputs, affine } = normalization;
  const sources = sourceChannels(color, channels);
  const planes = outputs.length;
  const planar = layout === 'NCHW';
  const split = affine && planar && channels > 1 && planes === 3;
  const straight = affine && (channels === 1 ? planar || planes === 1 : color === 'rgb' && channels === 3);
  const constantBytes = split ? 24 : straight ? planes * 96 : planes * 1024;

  function load(pointer: number): void {
    if (split) {
      // The module takes red, green and blue, whatever the order of the planes.
      const ordered = color === 'bgr' ? outputs.toReversed() : outputs;
      write(pointer, Float32Array.from(ordered.flatMap(({ factor, shift }) => [factor, shift])));
    } else if (straight && channels === 3) {
      write(pointer, pattern(outputs));
    } else {
      outputs.forEach((output, index) => {
        if (straight) write(pointer + index * 96, pattern([output]));
        else write(pointer + index * 1024, output.table);
      });
    }
  }

  // Made once for all bands of a call: in small ones that takes longer than copying.
  let views: Float32Array[] = [];
  const run: RowNormalizer['run'] = ({ pixels, constants, values }, width, rows, out, place) => {
    const kernels = preprocessKernels();
    const count = width * rows;
    // Whole steps: what a plane's last one writes beyond it must not reach the next.
    const plane = Math.ceil(count / 16) * 64;
    if (split) {
      const [red, blue] = color === 'bgr' ? [2, 0] : [0, 2];
      const green = values + plane;
      kernels.normalizePlanes(pixels, count, channels, constants, values + red * plane, green, values + blue * plane);
    } else if (straight && channels === 3) {
      kernels.normalizeSamples(pixels, count * 3, constants, values);
    } else {
      sources.forEach((source, index) => {
        const to = values + index * (planar ? plane : 4);
        if (straight) kernels.normalizeSamples(pixels, count, constants + index * 96, to);
        else {
          const table = constants + index * 1024;
          kernels.lookUpSamples(pixels + source, channels, count, table, to, planar ? 4 : planes * 4);
        }
      });
    }
    const parts = planar ? planes : 1;
    const row = planar ? width : width * planes;
    const length = row * rows;
    if (views[0]?.length !== length || views[0].byteOffset !== values) {
      views = Array.from({ length: parts }, (_, part) => view(values + part * plane, out, length));
    }
    views.forEach((made, part) => {
      copyRows(made, row, rows, out, place.offset + part * place.planeStep, place.rowStep);
    });
  };
  return { constantBytes, pixelBytes: planes * 4, load, run };
}

/** Twelve factors, then twelve shifts, of channels that repeat. */
function pattern(channels: readonly ChannelNormalization[]): Float32Array {
  const at = (i: number): ChannelNormalization => channels[i % channels.length]!;
  return Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? at(i).factor : at(i).shift));
}

function copyRows(
  values: Float32Array,
  row: number,
  rows: number,
  out: Float32Array,
  offset: number,
  step: number,
): void {
  if (step === row) {
    out.set(values, offset);
    return;
  }
  for (let y = 0; y < rows; y++) out.set(values.subarray(y * row, (y + 1) * row), offset + y * step);
}
