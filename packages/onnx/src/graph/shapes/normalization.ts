import { frontAxis } from './dimensions.js';
import { namedType, sameShape } from './elementwise.js';
import type { ShapeRule } from './shape-rule.js';

export const BatchNormalization: ShapeRule = (context) => {
  const channels = { dims: context.dims(4) ?? context.dims(1) };
  return [{ dims: context.dims(0) }, channels, channels, channels, channels];
};

export const Dropout: ShapeRule = (context) => [{ dims: context.dims(0) }, { dims: context.dims(0) }];

export const LayerNormalization: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [];
  const axis = frontAxis(context, context.attributes.int('axis', -1), dims.length);
  const statistics = {
    dims: dims.map((dim, at) => (at < axis ? dim : 1)),
    elementType: namedType(context, 'stash_type') ?? 'float32',
  };
  return [{ dims }, statistics, statistics];
};

export const RMSNormalization = sameShape;
export const GroupNormalization = sameShape;
export const InstanceNormalization = sameShape;
export const LpNormalization = sameShape;
export const LRN = sameShape;
export const MeanVarianceNormalization = sameShape;
export const RotaryEmbedding = sameShape;
