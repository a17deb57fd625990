// Resizing by interpolation, one axis after the other.
import { normalizeAxis, splitAt } from '../indexing.js';
import { malformed, unsupported } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { type AxisResize, type AxisSample, resizeAxis } from '../resize-axis.js';
import { saturated } from '../rounding.js';
import { asTensor, fromNumbers, integers, numbers, pick, type TensorValue, type Value } from '../value.js';

type AxisRules = Omit<AxisResize, 'input' | 'output' | 'scale' | 'roi'>;

export const Resize: Kernel = (inputs, context) => {
  const x = asTensor(inputs[0]);
  if (context.opset < 11) return [resized(x, scaledBy(x, inputs[1]), version10(context), 0)];
  const rules: AxisRules = {
    mode: context.string('mode', 'nearest'),
    coordinates: context.string('coordinate_transformation_mode', 'half_pixel'),
    nearestMode: context.string('nearest_mode', 'round_prefer_floor'),
    cubicCoefficient: context.float('cubic_coeff_a', -0.75),
    excludeOutside: context.int('exclude_outside', 0) === 1,
    antialias: context.int('antialias', 0) === 1,
  };
  return [resized(x, targets(x, inputs, context), rules, context.float('extrapolation_value', 0))];
};

/** What `Resize` was before version 10. Scales were an attribute until version 8. */
export const Upsample: Kernel = (inputs, context) => {
  const x = asTensor(inputs[0]);
  const scales =
    context.opset < 9 ? fromNumbers('float64', [x.dims.length], context.floats('scales') ?? []) : inputs[1];
  return [resized(x, scaledBy(x, scales), { ...version10(context), nearestMode: 'floor' }, 0)];
};

/** The rules before attributes named them. */
function version10(context: KernelContext): AxisRules {
  return {
    mode: context.string('mode', 'nearest'),
    coordinates: 'asymmetric',
    nearestMode: 'version_10',
    cubicCoefficient: -0.75,
    excludeOutside: false,
    antialias: false,
  };
}

/** Size, scale and crop of every axis. */
type AxisTarget = Pick<AxisResize, 'input' | 'output' | 'scale' | 'roi'>;

function scaledBy(x: TensorValue, scales: Value | undefined): AxisTarget[] {
  const factors = numbers(asTensor(scales, 'scales'));
  if (factors.length !== x.dims.length) {
    throw malformed(`Expected ${x.dims.length} scales but received [${factors.join(', ')}]`);
  }
  return x.dims.map((input, axis) => {
    const scale = factors[axis]!;
    return { input, scale, output: Math.floor(input * scale), roi: [0, 1] };
  });
}

function targets(x: TensorValue, inputs: readonly (Value | undefined)[], context: KernelContext): AxisTarget[] {
  const axes = (context.ints('axes') ?? x.dims.map((_, axis) => axis)).map((axis) =>
    normalizeAxis(axis, x.dims.length),
  );
  const given = (at: number): Float64Array | undefined => {
    const values = inputs[at] === undefined ? undefined : numbers(asTensor(inputs[at]));
    return values === undefined || values.length === 0 ? undefined : values;
  };
  const [roi, scales] = [given(1), given(2)];
  const sizes = inputs[3] === undefined ? undefined : integers(asTensor(inputs[3]));
  if ((scales ?? sizes)?.length !== axes.length) {
    throw malformed(
      `Expected scales or sizes for ${axes.length} axes but received ${(scales ?? sizes)?.length ?? 'none'}`,
    );
  }
  const policy = context.string('keep_aspect_ratio_policy', 'stretch');
  const ratios = axes.map((axis, at) => (sizes === undefined ? 1 : sizes[at]! / x.dims[axis]!));
  const common =
    policy === 'not_larger' ? Math.min(...ratios) : policy === 'not_smaller' ? Math.max(...ratios) : undefined;
  return x.dims.map((input, axis): AxisTarget => {
    const at = axes.indexOf(axis);
    if (at < 0) return { input, output: input, scale: 1, roi: [0, 1] };
    const crop: [number, number] = [roi?.[at] ?? 0, roi?.[at + axes.length] ?? 1];
    if (scales !== undefined) {
      return { input, scale: scales[at]!, output: Math.floor(input * scales[at]!), roi: crop };
    }
    if (common !== undefined) return { input, scale: common, output: Math.floor(common * input + 0.5), roi: crop };
    return { input, scale: ratios[at]!, output: sizes![at]!, roi: crop };
  });
}

function resized(x: TensorValue, axes: readonly AxisTarget[], rules: AxisRules, extrapolation: number): TensorValue {
  if (!['nearest', 'linear', 'cubic'].includes(rules.mode)) {
    throw unsupported(`Expected nearest, linear or cubic for mode but received ${rules.mode}`);
  }
  let result = rules.mode === 'nearest' ? x : fromNumbers('float64', x.dims, numbers(x));
  for (const [axis, target] of axes.entries()) {
    const whole = target.roi[0] === 0 && target.roi[1] === 1;
    if (target.scale === 1 && target.input === target.output && whole) continue;
    const samples = resizeAxis({ ...target, ...rules });
    result =
      rules.mode === 'nearest'
        ? pickAlong(result, axis, samples, extrapolation)
        : blendAlong(result, axis, samples, extrapolation);
  }
  if (rules.mode === 'nearest') return result;
  return fromNumbers(
    x.type,
    result.dims,
    numbers(result).map((value) => saturated(x.type, value)),
  );
}

/** Takes the one element of each sample, of whatever type. */
function pickAlong(x: TensorValue, axis: number, samples: readonly AxisSample[], extrapolation: number): TensorValue {
  const { outer, size, inner } = splitAt(x.dims, axis);
  const sources: number[] = [];
  for (let block = 0; block < outer; block++) {
    for (const { indices } of samples) {
      const index = indices[0];
      for (let k = 0; k < inner; k++) sources.push(index === undefined ? -1 : (block * size + index) * inner + k);
    }
  }
  const dims = x.dims.map((own, at) => (at === axis ? samples.length : own));
  return pick(x, dims, sources, extrapolation === 0 ? undefined : fromNumbers(x.type, [], [extrapolation]));
}

/** Blends the elements of each sample. */
function blendAlong(x: TensorValue, axis: number, samples: readonly AxisSample[], extrapolation: number): TensorValue {
  const { outer, size, inner } = splitAt(x.dims, axis);
  const values = numbers(x);
  const out = new Float64Array(outer * samples.length * inner);
  for (let block = 0; block < outer; block++) {
    for (const [at, { indices, weights }] of samples.entries()) {
      const to = (block * samples.length + at) * inner;
      if (indices.length === 0) out.fill(extrapolation, to, to + inner);
      for (const [tap, index] of indices.entries()) {
        const from = (block * size + index) * inner;
        for (let k = 0; k < inner; k++) out[to + k]! += weights[tap]! * values[from + k]!;
      }
    }
  }
  return fromNumbers(
    'float64',
    x.dims.map((own, a) => (a === axis ? samples.length : own)),
    out,
  );
}
