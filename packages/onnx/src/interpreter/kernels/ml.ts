// Operators of the domain `ai.onnx.ml`.
import { elementCount } from '@percept/core';
import { erfInverse } from '../erf.js';
import { malformed, unsupported } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { softmaxAlong } from '../softmax.js';
import { asTensor, fromNumbers, integers, numbers, pick } from '../value.js';

export const ArrayFeatureExtractor: Kernel = ([input, indices]) => {
  const x = asTensor(input);
  const chosen = integers(asTensor(indices));
  const size = x.dims[x.dims.length - 1]!;
  const rows = elementCount(x.dims.slice(0, -1));
  const sources = Array.from({ length: rows }, (_, row) => chosen.map((index) => row * size + index)).flat();
  return [pick(x, [...(x.dims.length === 1 ? [1] : x.dims.slice(0, -1)), chosen.length], sources)];
};

export const Binarizer: Kernel = ([input], context) => {
  const x = asTensor(input);
  const threshold = context.float('threshold', 0);
  return [
    fromNumbers(
      x.type,
      x.dims,
      numbers(x).map((value) => (value > threshold ? 1 : 0)),
    ),
  ];
};

/** How an inner node compares a feature with its split, by `nodes_modes`. */
const comparisons: readonly ((value: number, split: number) => boolean)[] = [
  (value, split) => value <= split,
  (value, split) => value < split,
  (value, split) => value >= split,
  (value, split) => value > split,
  (value, split) => value === split,
  (value, split) => value !== split,
];
const member = comparisons.length;

export const TreeEnsemble: Kernel = ([input], context) => {
  const x = asTensor(input);
  const values = numbers(x);
  const features = x.dims[1]!;
  const targets = context.int('n_targets', 1);
  const [rows, roots] = [x.dims[0]!, context.ints('tree_roots') ?? []];
  const { leafOf, leafTargets, leafWeights } = trees(context);
  const aggregate = context.int('aggregate_function', 1);
  const out = new Float64Array(rows * targets);
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * features, (row + 1) * features);
    const seen = new Set<number>();
    for (const root of roots) {
      const leaf = leafOf(root, own);
      const at = row * targets + leafTargets[leaf]!;
      const weight = leafWeights[leaf]!;
      if (!seen.has(at)) out[at] = aggregate === 0 ? weight / roots.length : weight;
      else if (aggregate === 2) out[at] = Math.min(out[at]!, weight);
      else if (aggregate === 3) out[at] = Math.max(out[at]!, weight);
      else out[at]! += aggregate === 0 ? weight / roots.length : weight;
      seen.add(at);
    }
  }
  return [fromNumbers(x.type, [rows, targets], transformed(out, targets, context.int('post_transform', 0)))];
};

interface Trees {
  /** The leaf that a sample falls into from a root. */
  readonly leafOf: (root: number, sample: Float64Array) => number;
  readonly leafTargets: readonly number[];
  readonly leafWeights: Float64Array;
}

function trees(context: KernelContext): Trees {
  const list = (name: string): readonly number[] => context.ints(name) ?? [];
  const table = (name: string): Float64Array => {
    const tensor = context.tensor(name);
    if (tensor === undefined) throw malformed(`Expected attribute ${name} for TreeEnsemble but received none`);
    return numbers(tensor);
  };
  const [modes, splits] = [table('nodes_modes'), table('nodes_splits')];
  const featureOf = list('nodes_featureids');
  const [whenTrue, whenFalse] = [list('nodes_truenodeids'), list('nodes_falsenodeids')];
  const [trueLeaf, falseLeaf] = [list('nodes_trueleafs'), list('nodes_falseleafs')];
  const missing = list('nodes_missing_value_tracks_true');
  const sets = memberSets(modes, context);
  const leafOf = (root: number, sample: Float64Array): number => {
    let node = root;
    // A path visits no node twice: more steps than nodes mean that they go in a circle.
    for (let step = 0; step < modes.length; step++) {
      const value = sample[featureOf[node]!]!;
      const mode = modes[node]!;
      const holds = Number.isNaN(value)
        ? missing[node] === 1
        : mode === member
          ? sets.get(node)!.has(value)
          : comparisons[mode]!(value, splits[node]!);
      const next = (holds ? whenTrue : whenFalse)[node]!;
      if ((holds ? trueLeaf : falseLeaf)[node] === 1) return next;
      node = next;
    }
    throw malformed(`Expected a leaf below root ${root} of TreeEnsemble but its nodes lead nowhere`);
  };
  return { leafOf, leafTargets: list('leaf_targetids'), leafWeights: table('leaf_weights') };
}

/** The members of each node that tests membership: runs of values with a NaN after each. */
function memberSets(modes: Float64Array, context: KernelContext): Map<number, Set<number>> {
  const tensor = context.tensor('membership_values');
  const values = tensor === undefined ? [] : [...numbers(tensor)];
  const sets = new Map<number, Set<number>>();
  for (const [node, mode] of modes.entries()) {
    if (mode !== member) continue;
    const end = values.findIndex((value) => Number.isNaN(value));
    sets.set(node, new Set(values.splice(0, end < 0 ? values.length : end)));
    values.shift();
  }
  return sets;
}

function transformed(scores: Float64Array, targets: number, transform: number): Float64Array {
  switch (transform) {
    case 0:
      return scores;
    case 1:
      return softmaxAlong(scores, { outer: scores.length / targets, size: targets, inner: 1 });
    case 2:
      return scores.map((score) => 1 / (1 + Math.exp(-score)));
    case 3:
      return softmaxOfNonzero(scores, targets);
    case 4:
      return scores.map((score) => Math.SQRT2 * erfInverse(2 * score - 1));
    default:
      throw unsupported(`Expected a known post_transform but received ${transform}`);
  }
}

/** Softmax that leaves scores of zero, and their share of the sum, out. */
function softmaxOfNonzero(scores: Float64Array, targets: number): Float64Array {
  const out = new Float64Array(scores.length);
  for (let first = 0; first < scores.length; first += targets) {
    const row = scores.subarray(first, first + targets);
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const powers = row.map((score) => (score === 0 ? 0 : Math.exp(score - largest)));
    const sum = powers.reduce((a, b) => a + b, 0);
    for (const [at, power] of powers.entries()) out[first + at] = sum === 0 ? 0 : power / sum;
  }
  return out;
}
