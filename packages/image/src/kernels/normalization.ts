import type { PreprocessSpec } from '@percept/core';

/** How the samples of an image become the values of a tensor; made once per spec by {@link planNormalization}. */
export interface Normalization {
  readonly color: PreprocessSpec['color'];
  readonly layout: 'NCHW' | 'NHWC';
  /** One per channel of the tensor, in its order. */
  readonly channels: readonly ChannelNormalization[];
  /** Whether every table is `fround(fround(sample * factor) + shift)`, which vector units compute faster than they look up. */
  readonly affine: boolean;
}

/** What becomes of the 256 samples of one channel. */
export interface ChannelNormalization {
  readonly table: Float32Array;
  readonly factor: number;
  readonly shift: number;
}

/** What {@link planNormalization} takes: the fields of a `PreprocessSpec`. */
export interface NormalizationSpec {
  readonly color: PreprocessSpec['color'];
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly layout?: 'NCHW' | 'NHWC' | undefined;
}

const closeEnough = 9e-7;

const kept = 16;
const plans = new Map<string, Normalization>();

/**
 * Tabulates `(sample * scale - mean) / std` per channel. Single precision is used where it stays within 9e-7 of the
 * exact values, as it does for values of a few units; otherwise the tables hold the exact values, rounded once.
 */
export function planNormalization(spec: NormalizationSpec): Normalization {
  const { color, scale, mean, std, layout } = spec;
  const key = `${color} ${scale} ${mean} ${std} ${layout}`;
  const known = plans.get(key);
  if (known) plans.delete(key);
  else if (plans.size >= kept) plans.delete(plans.keys().next().value!);
  const plan = known ?? tabulate(spec);
  plans.set(key, plan);
  return plan;
}

function tabulate({ color, scale, mean, std, layout = 'NCHW' }: NormalizationSpec): Normalization {
  const exact = mean.map((center, index) =>
    Float32Array.from({ length: 256 }, (_, sample) => (sample * scale - center) / std[index]!),
  );
  const single = mean.map((center, index) => {
    const factor = Math.fround(scale / std[index]!);
    const shift = Math.fround(-center / std[index]!);
    const table = Float32Array.from({ length: 256 }, (_, sample) => Math.fround(sample * factor) + shift);
    return { factor, shift, table };
  });
  const affine = single.every(({ table }, index) =>
    table.every((value, sample) => Math.abs(value - exact[index]![sample]!) <= closeEnough),
  );
  const channels = single.map((channel, index) => (affine ? channel : { ...channel, table: exact[index]! }));
  return { color, layout, channels, affine };
}
