// Which inner values of teacher and student are compared, and how.
import { PerceptError } from '@percept/core';
import type { Model } from '@percept/onnx';
import { inferTypes } from '@percept/onnx/graph';

/** A value of the student and the value of the teacher that it is to become like, by their names in the graphs. */
export interface ValuePair {
  readonly student: string;
  readonly teacher: string;
}

/** Makes a value of the student like one of the teacher (FitNets, Romero et al. 2015, arXiv:1412.6550). */
export interface HintPair extends ValuePair {
  /** Factor of the mean squared error, at least 0. Default 1. */
  readonly weight?: number;
  /**
   * A trained linear map from the student's channels to the teacher's, left out of the result: where their numbers
   * differ (`auto`, default), or `always`.
   */
  readonly regressor?: 'auto' | 'always';
}

/** Makes the student look where the teacher looks (Zagoruyko & Komodakis 2017, arXiv:1612.03928): feature maps. */
export interface AttentionPair extends ValuePair {
  /** Factor of the mean squared difference of the attention maps, at least 0. Default 1000, as the authors'. */
  readonly weight?: number;
}

/** Lets images lie to each other as the teacher sees them (RKD, Park et al. 2019, arXiv:1904.05068): embeddings. */
export interface RelationPair extends ValuePair {
  /** Factor of the loss of distances, at least 0. Default 25, as the authors' for classifiers. */
  readonly distance?: number;
  /** Factor of the loss of angles, at least 0. Default 50. */
  readonly angle?: number;
}

/** One pair with everything settled. */
export type FeaturePair = ValuePair &
  (
    | { readonly kind: 'hint'; readonly weight: number; readonly regressor: 'auto' | 'always' }
    | { readonly kind: 'attention'; readonly weight: number }
    | { readonly kind: 'relation'; readonly distance: number; readonly angle: number }
  );

/** Sizes of both values of a pair, the batch first. */
export interface PairShapes {
  readonly studentDims: readonly number[];
  readonly teacherDims: readonly number[];
}

/** The pairs of a distillation. */
export interface FeaturePairs {
  readonly hints?: readonly HintPair[] | undefined;
  readonly attention?: readonly AttentionPair[] | undefined;
  readonly relations?: readonly RelationPair[] | undefined;
}

/** Settles the defaults: hints first, then attention, then relations. */
export function settlePairs({ hints = [], attention = [], relations = [] }: FeaturePairs): FeaturePair[] {
  const names = ({ student, teacher }: ValuePair): ValuePair => ({ student, teacher });
  return [
    ...hints.map((pair) => ({
      ...names(pair),
      kind: 'hint' as const,
      weight: pair.weight ?? 1,
      regressor: pair.regressor ?? ('auto' as const),
    })),
    ...attention.map((pair) => ({ ...names(pair), kind: 'attention' as const, weight: pair.weight ?? 1000 })),
    ...relations.map((pair) => ({
      ...names(pair),
      kind: 'relation' as const,
      distance: pair.distance ?? 25,
      angle: pair.angle ?? 50,
    })),
  ];
}

/**
 * The shapes of values of a model for one size of its input, the batch first.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a name that is no value of the model or has no known size there
 */
export function shapesOf(
  model: Model,
  { input, inputDims, values, owner }: { input: string; inputDims: readonly number[]; values: string[]; owner: string },
): number[][] {
  const types = inferTypes(model, { inputDims: { [input]: [...inputDims] } }).values;
  return values.map((name) => {
    const type = types.get(name);
    const dims = type?.kind === 'tensor' ? type.dims : undefined;
    const sizes = dims?.slice(1);
    if (sizes === undefined || sizes.length === 0 || !sizes.every((size) => typeof size === 'number')) {
      const known = model.graph.nodes.some(({ outputs }) => outputs.includes(name));
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected names of ${owner}'s inner values, the batch first and every size known for images of [${inputDims.join(', ')}], but received ${JSON.stringify(name)}, ${known ? `a value of [${dims?.join(', ') ?? '?'}]` : 'which no node makes'}. describe() of @percept/onnx/graph lists the values of a model`,
        { details: { name } },
      );
    }
    return [inputDims[0]!, ...(sizes as number[])];
  });
}
