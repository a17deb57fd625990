// Cuts a model where training begins: what comes before is the same in every epoch.
import { PerceptError } from '@percept/core';
import { type Model, type Node, topologicalSort } from '@percept/onnx';
import { extractSubgraph } from '@percept/onnx/graph';
import type { Freezing } from '../models/freeze.js';

/** A model in two parts. */
export interface SplitModel {
  /** From the images to the features. Nothing of it changes while training. */
  readonly backbone: Model;
  /** From the features to the scores. */
  readonly head: Model;
}

/**
 * Splits a model into what training leaves as it is and what it changes. Dropout and BatchNormalization that normalizes by
 * the batch belong to what changes.
 *
 * @throws PerceptError `TRAIN_FEATURES_IMPOSSIBLE` when nothing but the input comes before the trained part, or more than
 *   one value leads into it
 */
export function splitModel(model: Model, freezing: Freezing): SplitModel {
  const { graph } = model;
  const images = graph.inputs.find(({ name }) => !graph.initializers.has(name))!.name;
  const trained = new Set(freezing.trained);
  const still = new Set(freezing.frozenStatistics);
  const changing = new Set<string>();
  const fromImages = new Set([images]);
  const cuts = new Set<string>();
  for (const node of topologicalSort(graph)) {
    const inputs = node.inputs.filter((name) => name !== '');
    const dependsOnImages = inputs.some((name) => fromImages.has(name));
    if (dependsOnImages) for (const name of node.outputs) fromImages.add(name);
    const changes = inputs.some((name) => trained.has(name) || changing.has(name)) || isRandom(node, still);
    if (!changes) continue;
    for (const name of node.outputs) changing.add(name);
    for (const name of inputs) if (fromImages.has(name) && !changing.has(name)) cuts.add(name);
  }
  const [cut] = cuts;
  if (cut === undefined || cuts.size > 1 || cut === images) {
    throw impossible(
      cuts.size > 1 ? `several values (${[...cuts].join(', ')}) lead into it` : 'it begins at the images',
    );
  }
  return {
    backbone: extractSubgraph(model, { inputs: [images], outputs: [cut] }),
    head: extractSubgraph(model, { inputs: [cut], outputs: graph.outputs.map(({ name }) => name) }),
  };
}

/** Whether an operator computes something else in every step, whatever its inputs. */
function isRandom({ opType, inputs, domain }: Node, still: ReadonlySet<string>): boolean {
  if (domain !== '') return false;
  if (opType === 'BatchNormalization') return !still.has(inputs[3]!);
  return opType === 'Dropout' || opType.startsWith('Random') || opType === 'Bernoulli';
}

function impossible(why: string): PerceptError {
  return new PerceptError(
    'TRAIN_FEATURES_IMPOSSIBLE',
    `Expected a trained part that one value of the frozen part leads into, but ${why}. Freeze whole layers from the images on: freeze(model, '*', { except: headParameters(model) }), or train without features`,
  );
}
