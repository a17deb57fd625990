import {
  float32ToFloat16,
  type PreprocessSpec,
  type PreprocessType,
  type TensorDataTypes,
  tensorData,
} from '@percept/core';
import { type Normalization, planNormalization } from './kernels/normalization.js';
import { channelsOf, parsePreprocessSpec } from './preprocess-spec.js';
import { roundHalfEven } from './rounding.js';

/** A checked spec, with everything that does not depend on the image worked out. */
export interface Plan {
  readonly spec: PreprocessSpec<PreprocessType>;
  readonly channels: 1 | 3;
  readonly type: PreprocessType;
  readonly normalization: Normalization;
  /** Per channel of the tensor, the element that each of the 256 sample values becomes. */
  readonly tables: readonly TensorDataTypes[PreprocessType][];
  /** Per channel of the tensor, the channel of the RGB image that it is taken from. */
  readonly sources: readonly number[];
}

const plans = new WeakMap<PreprocessSpec<PreprocessType>, Plan>();

/** The plan of a spec, checked at its first use. */
export function planOf(spec: PreprocessSpec<PreprocessType>): Plan {
  const known = typeof spec === 'object' && spec !== null ? plans.get(spec) : undefined;
  if (known) return known;
  const parsed = parsePreprocessSpec(spec);
  const type = parsed.dtype ?? 'float32';
  const normalization = planNormalization(parsed);
  const channels = channelsOf(parsed.color);
  const sources = parsed.color === 'bgr' ? [2, 1, 0] : [0, 1, 2].slice(0, channels);
  const tables = normalization.channels.map(({ table }, channel) => {
    if (type === 'float32') return table;
    const converted = tensorData(type, 256);
    for (let value = 0; value < 256; value++) {
      converted[value] = element((value * parsed.scale - parsed.mean[channel]!) / parsed.std[channel]!, type);
    }
    return converted;
  });
  const plan = { spec: parsed, channels, type, normalization, tables, sources };
  plans.set(spec, plan);
  return plan;
}

function element(value: number, type: 'float16' | 'uint8' | 'int8'): number {
  if (type === 'float16') return float32ToFloat16(Math.fround(value));
  const [least, most] = type === 'uint8' ? [0, 255] : [-128, 127];
  return Math.min(most, Math.max(least, roundHalfEven(value)));
}
