// Which parameters learn at which rate, and which decay.
import * as z from 'zod';

/** A number for every parameter. */
export interface PerParameter {
  /** For checkpoints and trackers. */
  readonly description: string;
  of(parameter: string, dims: readonly number[]): number;
}

/** Parameters that are treated alike, by name. A parameter belongs to the first group that matches. */
export interface ParameterGroup {
  /** Matches names of parameters, such as `/^backbone\./`. */
  readonly pattern: RegExp;
  /** Factor on the learning rate, at least 0. Default 1. */
  readonly learningRateFactor?: number;
  /** Instead of the optimizer's, at least 0. */
  readonly weightDecay?: number;
}

/** What all optimizers take. */
export interface ParameterOptions {
  /** Learning rates and weight decay of some parameters, by name. Default: none. */
  groups?: readonly ParameterGroup[];
  /**
   * `'matrices'` spares vectors and scalars the weight decay (biases, and the scales and offsets of normalizations), as
   * timm does. Default `'all'`, as PyTorch does.
   */
  decayed?: 'all' | 'matrices';
}

export const parameterFields = {
  groups: z
    .array(
      z.strictObject({
        pattern: z.instanceof(RegExp),
        learningRateFactor: z.number().min(0).optional(),
        weightDecay: z.number().min(0).optional(),
      }),
    )
    .optional(),
  decayed: z.enum(['all', 'matrices']).optional(),
};

/** The weight decay of every parameter, `weightDecay` where no group says otherwise. */
export function weightDecayOf(
  weightDecay: number,
  options: z.infer<z.ZodObject<typeof parameterFields>>,
): PerParameter {
  const { groups = [], decayed = 'all' } = options;
  const own = groups.filter((group) => group.weightDecay !== undefined);
  const parts = own.map((group) => `, ${group.pattern}: ${group.weightDecay}`).join('');
  return {
    description: `${weightDecay}${decayed === 'all' ? '' : ` of ${decayed}`}${parts}`,
    of(parameter, dims) {
      const group = groups.find(({ pattern }) => matches(pattern, parameter));
      if (group?.weightDecay !== undefined) return group.weightDecay;
      return decayed === 'matrices' && dims.length < 2 ? 0 : weightDecay;
    },
  };
}

/** The factor on the learning rate of every parameter. */
export function learningRateFactorOf({ groups = [] }: z.infer<z.ZodObject<typeof parameterFields>>): PerParameter {
  const own = groups.filter(({ learningRateFactor = 1 }) => learningRateFactor !== 1);
  return {
    description: own.map(({ pattern, learningRateFactor }) => `${pattern}: ${learningRateFactor}`).join(', '),
    of: (parameter) => groups.find(({ pattern }) => matches(pattern, parameter))?.learningRateFactor ?? 1,
  };
}

/** As `test` of a pattern that has neither the flag g nor y: those remember where they stopped. */
export function matches(pattern: RegExp, name: string): boolean {
  return name.search(pattern) >= 0;
}
