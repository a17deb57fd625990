// Separable resampling in fixed point, the arithmetic of Pillow's Resample.c: weights with 22 fractional bits, a
// horizontal pass rounded to 8 bits, then a vertical one. Integers only after the weights, so every engine gives the same
// pixels, and `bilinear` is bit-exact with Pillow and with torchvision's antialiased resize of PIL images.
import type { Image } from '@percept/core';

const precision = 22;
const half = 1 << (precision - 1);

/** Weights of one axis: output `i` reads `counts[i]` samples from `starts[i]` on, weighted from `i * stride` on. */
interface Weights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly stride: number;
  readonly weights: Int32Array;
}

/** How much the source sample that covers `[position, position + 1)` counts for an output centred on `center`. */
type Kernel = (position: number, center: number, scale: number) => number;

const triangle: Kernel = (position, center, scale) => {
  const distance = Math.abs((position - center + 0.5) / Math.max(scale, 1));
  return distance < 1 ? 1 - distance : 0;
};

/** Length of the sample's part inside the output pixel's footprint: exact area averaging. */
const coverage: Kernel = (position, center, scale) =>
  Math.max(0, Math.min(position + 1, center + scale / 2) - Math.max(position, center - scale / 2));

const kernels = { bilinear: triangle, area: coverage };

function axisWeights(from: number, to: number, filter: 'bilinear' | 'area'): Weights {
  const kernel = kernels[filter];
  const scale = from / to;
  const support = filter === 'bilinear' ? Math.max(scale, 1) : scale / 2;
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  const weights = new Int32Array(to * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const start =
      filter === 'bilinear' ? Math.max(0, Math.trunc(center - support + 0.5)) : Math.floor(center - support + 1e-9);
    const end =
      filter === 'bilinear'
        ? Math.min(from, Math.trunc(center + support + 0.5))
        : Math.min(from, Math.ceil(center + support - 1e-9));
    let sum = 0;
    for (let k = 0; k < end - start; k++) {
      exact[k] = kernel(start + k, center, scale);
      sum += exact[k]!;
    }
    for (let k = 0; k < end - start; k++)
      weights[i * stride + k] = Math.floor((exact[k]! / sum) * (1 << precision) + 0.5);
    starts[i] = start;
    counts[i] = end - start;
  }
  return { starts, counts, stride, weights };
}

/** Resamples along rows, then along columns; an axis that keeps its size is left alone. */
export function resample(
  image: Image<Uint8Array>,
  width: number,
  height: number,
  filter: 'bilinear' | 'area',
): Image<Uint8Array> {
  const { channels } = image;
  let { data } = image;
  if (width !== image.width) {
    const out = new Uint8Array(width * image.height * channels);
    const axis = axisWeights(image.width, width, filter);
    const rows = channels === 1 ? rows1 : channels === 3 ? rows3 : rows4;
    rows(data, image.width, image.height, out, width, axis);
    data = out;
  }
  if (height !== image.height) {
    const out = new Uint8Array(width * height * channels);
    columns(data, width * channels, out, height, axisWeights(image.height, height, filter));
    data = out;
  }
  return { width, height, channels, data: data === image.data ? data.slice() : data };
}

type Rows = (
  source: Uint8Array,
  sourceWidth: number,
  height: number,
  out: Uint8Array,
  width: number,
  axis: Weights,
) => void;

const rows1: Rows = (source, sourceWidth, height, out, width, { starts, counts, stride, weights }) => {
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let at = y * sourceWidth + starts[x]!;
      let sum = half;
      const first = x * stride;
      const last = first + counts[x]!;
      for (let k = first; k < last; k++) sum = (sum + Math.imul(weights[k]!, source[at++]!)) | 0;
      out[to++] = clamp(sum >> precision);
    }
  }
};

const rows3: Rows = (source, sourceWidth, height, out, width, { starts, counts, stride, weights }) => {
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let at = (y * sourceWidth + starts[x]!) * 3;
      let red = half;
      let green = half;
      let blue = half;
      const first = x * stride;
      const last = first + counts[x]!;
      for (let k = first; k < last; k++) {
        const weight = weights[k]!;
        red = (red + Math.imul(weight, source[at]!)) | 0;
        green = (green + Math.imul(weight, source[at + 1]!)) | 0;
        blue = (blue + Math.imul(weight, source[at + 2]!)) | 0;
        at += 3;
      }
      out[to] = clamp(red >> precision);
      out[to + 1] = clamp(green >> precision);
      out[to + 2] = clamp(blue >> precision);
      to += 3;
    }
  }
};

const rows4: Rows = (source, sourceWidth, height, out, width, { starts, counts, stride, weights }) => {
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * sourceWidth + starts[x]!) * 4;
      const first = x * stride;
      const count = counts[x]!;
      for (let channel = 0; channel < 4; channel++) {
        let sum = half;
        for (let k = 0; k < count; k++) {
          sum = (sum + Math.imul(weights[first + k]!, source[from + k * 4 + channel]!)) | 0;
        }
        out[to++] = clamp(sum >> precision);
      }
    }
  }
};

/** The vertical pass knows no channels; four columns at a time share the loads of the weights. */
function columns(source: Uint8Array, row: number, out: Uint8Array, height: number, axis: Weights): void {
  const { starts, counts, stride, weights } = axis;
  for (let y = 0; y < height; y++) {
    const first = y * stride;
    const last = first + counts[y]!;
    const from = starts[y]! * row;
    const to = y * row;
    let i = 0;
    for (; i + 4 <= row; i += 4) {
      let a = half;
      let b = half;
      let c = half;
      let d = half;
      let at = from + i;
      for (let k = first; k < last; k++) {
        const weight = weights[k]!;
        a = (a + Math.imul(weight, source[at]!)) | 0;
        b = (b + Math.imul(weight, source[at + 1]!)) | 0;
        c = (c + Math.imul(weight, source[at + 2]!)) | 0;
        d = (d + Math.imul(weight, source[at + 3]!)) | 0;
        at += row;
      }
      out[to + i] = clamp(a >> precision);
      out[to + i + 1] = clamp(b >> precision);
      out[to + i + 2] = clamp(c >> precision);
      out[to + i + 3] = clamp(d >> precision);
    }
    for (; i < row; i++) {
      let sum = half;
      let at = from + i;
      for (let k = first; k < last; k++) {
        sum = (sum + Math.imul(weights[k]!, source[at]!)) | 0;
        at += row;
      }
      out[to + i] = clamp(sum >> precision);
    }
  }
}

/** Rounded weights may sum to a hair more than one. */
function clamp(value: number): number {
  return Math.min(value, 255);
}
