import { parseOptions } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import type { ParameterGroup } from '../optimizers/parameter-groups.js';
import { type Trainable, trainable } from '../trainable.js';
import { type Freezing, meansNothing } from './freeze.js';
import { matchesName, type NamePattern, namePatternSchema, singlePatterns } from './name-pattern.js';

/** Options of {@link layerGroups}. */
export interface LayerGroupsOptions {
  /** The learning rate of a layer is this often that of the next one, 0 < x ≤ 1. Default 1: all alike; 0.65–0.85 is usual. */
  layerDecay?: number;
  /**
   * The layers from the input to the output, by the names of their parameters. What is meant by none is the last layer,
   * the head. Default: a layer for every convolution and matrix product on the longest way from the input, with the
   * normalization behind it.
   */
  layers?: readonly NamePattern[];
  /** Smallest factor. Default 0. */
  minFactor?: number;
  /** Parameters without weight decay, beside those of at most one dimension (biases, scales of normalizations). */
  noWeightDecay?: NamePattern;
  /** Whether parameters of at most one dimension are decayed. Default false, as timm; PyTorch's optimizers decay all. */
  decayVectors?: boolean;
  /** Leaves frozen parameters out. */
  freezing?: Freezing;
}

const schema = z.strictObject({
  layerDecay: z.number().gt(0).max(1).optional(),
  layers: z.array(namePatternSchema).min(1).optional(),
  minFactor: z.number().min(0).max(1).optional(),
  noWeightDecay: namePatternSchema.optional(),
  decayVectors: z.boolean().optional(),
  freezing: z.custom<Freezing>((value) => Array.isArray((value as Freezing | null)?.frozen), 'a Freezing').optional(),
});

/**
 * Groups of parameters with learning rates that fall from the output to the input (layer-wise decay: Clark et al. 2020,
 * arXiv:2003.10555; Bao et al. 2022, arXiv:2106.08254), as timm's `param_groups_layer_decay`: with L layers the i-th has
 * the factor `layerDecay ** (L - 1 - i)`.
 *
 * @returns groups for an optimizer, `adamw({ groups: layerGroups(model, { layerDecay: 0.75 }) })`, from the input to the
 *   output; each parameter that is not frozen is in one, and those without weight decay in groups of their own
 * @throws PerceptError `INVALID_ARGUMENT` when a pattern means no parameter; what `differentiate` throws for a model that
 *   cannot be trained
 */
export function layerGroups(model: Model, options: LayerGroupsOptions = {}): ParameterGroup[] {
  const parsed = parseOptions(schema, options, 'layerGroups() options') as LayerGroupsOptions;
  const { layerDecay = 1, layers, minFactor = 0, noWeightDecay = [], decayVectors = false, freezing } = parsed;
  const source = trainable(model);
  for (const single of [...(layers ?? []).flatMap(singlePatterns), ...singlePatterns(noWeightDecay)]) {
    if (!source.parameters.some((name) => matchesName(single, name))) throw meansNothing(single, source.parameters);
  }
  const layerOf = layers === undefined ? layersByDepth(source) : layersByName(source, layers);
  const last = Math.max(...layerOf.values());
  const frozen = new Set(freezing?.frozen);
  const groups = new Map<string, { layer: number; weightDecay: boolean; names: string[] }>();
  for (const name of [...source.parameters].sort((a, b) => layerOf.get(a)! - layerOf.get(b)!)) {
    if (frozen.has(name)) continue;
    const layer = layerOf.get(name)!;
    const isVector = source.constants.get(name)!.dims.length <= 1;
    const weightDecay = (decayVectors || !isVector) && !matchesName(noWeightDecay, name);
    const key = `${layer} ${weightDecay}`;
    const group = groups.get(key) ?? { layer, weightDecay, names: [] };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ layer, weightDecay, names }) => ({
    pattern: new RegExp(`^(?:${names.map(escaped).join('|')})$`),
    learningRateFactor: Math.max(minFactor, layerDecay ** (last - layer)),
    ...(weightDecay ? {} : { weightDecay: 0 }),
  }));
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function layersByName({ parameters }: Trainable, layers: readonly NamePattern[]): Map<string, number> {
  const layerOf = (name: string): number => {
    const found = layers.findIndex((pattern) => matchesName(pattern, name));
    return found < 0 ? layers.length : found;
  };
  return new Map(parameters.map((name) => [name, layerOf(name)]));
}

const weighted = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** How many convolutions and matrix products stand before the first use of each parameter on the longest way. */
function layersByDepth({ nodes, parameters, constants }: Trainable): Map<string, number> {
  const names = new Set(parameters);
  const depths = new Map<string, number>();
  const layerOf = new Map<string, number>();
  // What is computed of constants alone, such as a transposed weight, stands for the parameters in it.
  const within = new Map([...constants.keys()].map((name) => [name, names.has(name) ? [name] : []]));
  for (const node of nodes) {
    const own = node.inputs.flatMap((name) => within.get(name) ?? []);
    if (node.inputs.length > 0 && node.inputs.every((name) => name === '' || within.has(name))) {
      for (const name of node.outputs) within.set(name, own);
      continue;
    }
    const before = Math.max(0, ...node.inputs.map((name) => depths.get(name) ?? 0));
    const isLayer = weighted.has(node.opType) && node.inputs.some((name) => within.has(name));
    for (const name of own) if (!layerOf.has(name)) layerOf.set(name, isLayer ? before : Math.max(0, before - 1));
    for (const name of node.outputs) depths.set(name, before + (isLayer ? 1 : 0));
  }
  return layerOf;
}
