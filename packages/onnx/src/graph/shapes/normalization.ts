import type { Dimension } from '../../model.js';
import { frontAxis, sameDim } from './dimensions.js';
import { namedType, sameShape } from './elementwise.js';
import type { ShapeContext, ShapeRule } from './shape-rule.js';

/** Refuses parameters that are no vectors of so many elements. */
function checkVectors(context: ShapeContext, inputs: readonly number[], length: Dimension): void {
  for (const input of inputs) {
    const dims = context.dims(input);
    if (dims === undefined) continue;
    if (dims.length !== 1) context.refuse(`a vector for input ${input} but received rank ${dims.length}`);
    sameDim(context, `the channels and input ${input}`, length, dims[0]);
  }
}

export const BatchNormalization: ShapeRule = (context) => {
  // Up to opset 8 it may normalize each activation by itself.
  if (context.attributes.int('spatial', 1) === 1) checkVectors(context, [1, 2, 3, 4], context.dims(0)?.[1]);
  const isTraining = context.opset < 14 || context.attributes.int('training_mode', 0) !== 0;
  if (!isTraining && context.outputCount > 1) context.refuse('training_mode 1 for more than one output');
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
export const GroupNormalization: ShapeRule = (context) => {
  const groups = context.attributes.int('num_groups', undefined);
  checkVectors(context, [1, 2], context.opset < 21 ? groups : context.dims(0)?.[1]);
  return sameShape(context);
};
export const InstanceNormalization: ShapeRule = (context) => {
  checkVectors(context, [1, 2], context.dims(0)?.[1]);
  return sameShape(context);
};
export const LpNormalization = sameShape;
export const LRN = sameShape;
export const MeanVarianceNormalization = sameShape;
export const RotaryEmbedding = sameShape;
