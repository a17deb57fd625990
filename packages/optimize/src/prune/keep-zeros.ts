import { elementCount, PerceptError, tensor } from '@percept/core';
import type { Optimizer, TransformationContext } from '@percept/train';
import type { WeightMasks } from './weight-masks.js';

/**
 * An optimizer that leaves pruned weights at zero: every update of the given one is multiplied by the masks, which become
 * constants of the training step. A weight that is zero stays so exactly, whatever momentum and weight decay say; averaged
 * weights (`emaWeights`, `swaWeights`) keep their zeros too, inside or outside.
 *
 * @param masks of `pruneMagnitude`, `pruneNM` or `masksOfZeros`, for weights whose masked elements are zero in the model
 *   to train; parameters without a mask train as usual
 * @throws PerceptError `INVALID_ARGUMENT`, when the step is built, for a mask of another size than its parameter
 */
export function keepZeros(optimizer: Optimizer, masks: WeightMasks): Optimizer {
  return {
    ...optimizer,
    description: `${optimizer.description} | keepZeros(${masks.size} weights)`,
    emit(context) {
      const emitted = optimizer.emit(context);
      const bits = masks.get(context.parameter);
      if (bits === undefined) return emitted;
      const mask = maskConstant(context, bits);
      const masked = (value: string): string => context.g.node('Mul', [value, mask]);
      const { average } = optimizer;
      const state =
        average === undefined ? emitted.state : { ...emitted.state, [average]: masked(emitted.state[average]!) };
      return { update: masked(emitted.update), state };
    },
  };
}

function maskConstant({ g, parameter, dims }: TransformationContext, bits: Uint8Array): string {
  if (bits.length !== elementCount(dims)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a mask of ${elementCount(dims)} elements for ${parameter} but received ${bits.length}. Take the masks from the model that is trained`,
    );
  }
  return g.constant(tensor('float32', dims, Float32Array.from(bits)), `mask.${parameter}`);
}
