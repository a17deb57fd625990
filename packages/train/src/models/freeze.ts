import { PerceptError, parseOptions } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { trainable } from '../trainable.js';
import { matchesName, type NamePattern, namePatternSchema, singlePatterns } from './name-pattern.js';

/** Which parameters of a model stay as they are, see {@link freeze}. Names are those of initializers. */
export interface Freezing {
  /** Parameters that stay. They remain constants of every graph that is made for training. */
  readonly frozen: readonly string[];
  /** Parameters that are trained: what `differentiate` takes as `wrt`. */
  readonly trained: readonly string[];
  /** Running statistics that stay: their BatchNormalization normalizes by them, as at inference. */
  readonly frozenStatistics: readonly string[];
}

/** Options of {@link freeze}. */
export interface FreezeOptions {
  /** Names that are trained although the pattern means them: `freeze(model, '*', { except: headParameters(model) })`. */
  except?: NamePattern;
  /**
   * What a BatchNormalization does whose scale is frozen: `inference` normalizes by its running statistics, which stay
   * (`module.eval()` in PyTorch, what Keras does by itself); `batch` by those of the batch, and moves the running ones
   * (`requires_grad_(False)` alone). Default `inference`: a frozen layer then computes what it did before.
   */
  batchNorm?: 'inference' | 'batch';
}

const schema = z.strictObject({
  except: namePatternSchema.optional(),
  batchNorm: z.enum(['inference', 'batch']).optional(),
});

/**
 * Sorts a model's parameters into those that stay and those that are trained.
 *
 * @param pattern names, globs (`layer1.*`) or regular expressions of the parameters that stay
 * @throws PerceptError `INVALID_ARGUMENT` when a pattern means no parameter, or nothing is left to train; what
 *   `differentiate` throws for a model that cannot be trained
 */
export function freeze(model: Model, pattern: NamePattern, options: FreezeOptions = {}): Freezing {
  const parsed = parseOptions(schema, options, 'freeze() options');
  const { batchNorm = 'inference', except = [] } = parsed as FreezeOptions;
  parseOptions(namePatternSchema, pattern, 'the pattern of freeze()');
  const { nodes, parameters } = trainable(model);
  for (const single of [...singlePatterns(pattern), ...singlePatterns(except)]) {
    if (!parameters.some((name) => matchesName(single, name))) throw meansNothing(single, parameters);
  }
  const stays = (name: string): boolean => matchesName(pattern, name) && !matchesName(except, name);
  const frozen = parameters.filter(stays);
  const trained = parameters.filter((name) => !stays(name));
  if (trained.length === 0) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a pattern that leaves parameters to train but received ${String(pattern)}, which means all ${frozen.length}. Leave some out with the option except`,
    );
  }
  const still = nodes.filter(
    ({ opType, inputs }) => batchNorm === 'inference' && opType === 'BatchNormalization' && frozen.includes(inputs[1]!),
  );
  return { frozen, trained, frozenStatistics: [...new Set(still.flatMap(({ inputs }) => inputs.slice(3, 5)))] };
}

/** The error for a pattern that no parameter has. */
export function meansNothing(pattern: string | RegExp, parameters: readonly string[]): PerceptError {
  return new PerceptError(
    'INVALID_ARGUMENT',
    `Expected a pattern that means parameters of the model but received ${String(pattern)}, which means none of ${parameters.slice(0, 6).join(', ')}${parameters.length > 6 ? `, … (${parameters.length})` : ''}`,
  );
}
