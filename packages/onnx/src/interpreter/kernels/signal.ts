// Fourier transforms, window functions and the mel scale.
import { type ComplexSignal, discreteFourierTransform } from '../fourier.js';
import { normalizeAxis, splitAt } from '../indexing.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { asTensor, fromNumbers, numbers, scalar } from '../value.js';

/** The axis was an attribute until version 19, and is an input since. */
export const DFT: Kernel = ([input, length, axisInput], context) => {
  const x = asTensor(input);
  const given =
    context.opset < 20 ? context.int('axis', 1) : axisInput === undefined ? -2 : scalar(asTensor(axisInput));
  const axis = normalizeAxis(given, x.dims.length);
  const parts = x.dims[x.dims.length - 1]!;
  if (axis === x.dims.length - 1 || parts > 2) {
    throw malformed(`Expected [..., 1] or [..., 2] and an axis before the last for DFT but received [${x.dims}]`);
  }
  const inverse = context.int('inverse', 0) === 1;
  const oneSided = context.int('onesided', 0) === 1;
  const realResult = inverse && oneSided;
  const { outer, size, inner: whole } = splitAt(x.dims, axis);
  const inner = whole / parts;
  const n = length === undefined ? (realResult ? 2 * (size - 1) : size) : scalar(asTensor(length));
  const kept = oneSided && !inverse ? Math.floor(n / 2) + 1 : n;
  const width = realResult ? 1 : 2;
  const round = x.type === 'float64' ? (value: number) => value : Math.fround;
  const values = numbers(x);
  const out = new Float64Array(outer * kept * inner * width);
  for (let block = 0; block < outer; block++) {
    for (let column = 0; column < inner; column++) {
      const signal = { real: new Float64Array(n), imaginary: new Float64Array(n) };
      const known = realResult ? Math.min(size, Math.floor(n / 2) + 1) : Math.min(size, n);
      for (let k = 0; k < known; k++) {
        const at = ((block * size + k) * inner + column) * parts;
        signal.real[k] = values[at]!;
        signal.imaginary[k] = parts === 2 ? values[at + 1]! : 0;
      }
      if (realResult) mirror(signal);
      const spectrum = discreteFourierTransform(signal, inverse, round);
      // What a real signal must give exactly.
      if (parts === 1 && !inverse) mirror(spectrum);
      const { real, imaginary } = spectrum;
      for (let k = 0; k < kept; k++) {
        const at = ((block * kept + k) * inner + column) * width;
        out[at] = real[k]!;
        if (width === 2) out[at + 1] = imaginary[k]!;
      }
    }
  }
  const dims = [...x.dims.slice(0, -1), width];
  dims[axis] = kept;
  return [fromNumbers(x.type, dims, out)];
};

/** Makes the spectrum of a real signal from its first half, in place: conjugate entries, no imaginary mean. */
function mirror({ real, imaginary }: ComplexSignal): void {
  const size = real.length;
  imaginary[0] = 0;
  if (size % 2 === 0 && size > 0) imaginary[size / 2] = 0;
  for (let k = Math.floor(size / 2) + 1; k < size; k++) {
    real[k] = real[size - k]!;
    imaginary[k] = -imaginary[size - k]!;
  }
}

export const STFT: Kernel = ([input, step, windowInput, lengthInput], context) => {
  const x = asTensor(input);
  const [batch, total, parts] = x.dims as [number, number, number];
  const hop = scalar(asTensor(step));
  const window = windowInput === undefined ? undefined : numbers(asTensor(windowInput));
  const length = lengthInput === undefined ? (window?.length ?? total) : scalar(asTensor(lengthInput));
  const bins = context.int('onesided', 1) === 1 ? Math.floor(length / 2) + 1 : length;
  const frames = Math.floor((total - length) / hop) + 1;
  const round = x.type === 'float64' ? (value: number) => value : Math.fround;
  const values = numbers(x);
  const out = new Float64Array(batch * frames * bins * 2);
  for (let row = 0; row < batch * frames; row++) {
    const first = Math.floor(row / frames) * total + (row % frames) * hop;
    const part = (which: number) =>
      Float64Array.from({ length }, (_, k) =>
        which < parts ? values[(first + k) * parts + which]! * (window === undefined ? 1 : window[k]!) : 0,
      );
    const spectrum = discreteFourierTransform({ real: part(0), imaginary: part(1) }, false, round);
    if (parts === 1) mirror(spectrum);
    const { real, imaginary } = spectrum;
    for (let k = 0; k < bins; k++) {
      out[(row * bins + k) * 2] = real[k]!;
      out[(row * bins + k) * 2 + 1] = imaginary[k]!;
    }
  }
  return [fromNumbers(x.type, [batch, frames, bins, 2], out)];
};

/** A window that is a sum of cosines: a₀ - a₁·cos(2πn/N) + a₂·cos(4πn/N). */
function cosineWindow(a0: number, a1: number, a2: number): Kernel {
  return ([input], context) => {
    const size = scalar(asTensor(input));
    const period = context.int('periodic', 1) === 1 ? size : size - 1;
    const values = Float64Array.from({ length: size }, (_, n) => {
      const angle = period === 0 ? Math.PI : (2 * Math.PI * n) / period;
      return a0 - a1 * Math.cos(angle) + a2 * Math.cos(2 * angle);
    });
    return [fromNumbers(outputType(context), [size], values)];
  };
}

export const HannWindow: Kernel = cosineWindow(0.5, 0.5, 0);

export const HammingWindow: Kernel = cosineWindow(25 / 46, 21 / 46, 0);

export const BlackmanWindow: Kernel = cosineWindow(0.42, 0.5, 0.08);

export const MelWeightMatrix: Kernel = (inputs, context) => {
  const [melBins, length, rate, low, high] = inputs.map((input) => scalar(asTensor(input))) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const rows = Math.floor(length / 2) + 1;
  const mel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
  const step = (mel(high) - mel(low)) / (melBins + 2);
  // Edges of the triangles, as bins of the transform.
  const edges = Array.from({ length: melBins + 2 }, (_, k) =>
    Math.floor(((length + 1) * 700 * (10 ** ((mel(low) + k * step) / 2595) - 1)) / rate),
  );
  const out = new Float64Array(rows * melBins);
  for (let column = 0; column < melBins; column++) {
    const [left, center, right] = [edges[column]!, edges[column + 1]!, edges[column + 2]!];
    if (center === left) out[center * melBins + column] = 1;
    else for (let k = left; k <= center; k++) out[k * melBins + column] = (k - left) / (center - left);
    for (let k = center; k < right; k++) out[k * melBins + column] = (right - k) / (right - center);
  }
  return [fromNumbers(outputType(context), [rows, melBins], out)];
};

function outputType(context: KernelContext): ReturnType<KernelContext['elementType']> {
  return context.elementType(context.int('output_datatype', 1));
}
