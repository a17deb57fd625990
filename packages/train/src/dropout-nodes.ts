// Where a model drops something while training. In the file that is a standard Dropout in its inference form, which a
// runtime passes its input through; stochastic depth, which drops whole rows of the batch, is one too, and the model's
// metadata names those nodes: `percept.train.stochastic_depth`, `{ "schema": 1, "value": [names] }`.
import { PerceptError, parseOptions, type Tensor, tensor } from '@percept/core';
import type { Model, Node } from '@percept/onnx';
import * as z from 'zod';

const key = 'percept.train.stochastic_depth';
const schema = z.looseObject({ schema: z.literal(1), value: z.array(z.string()) });
/** Marks a Dropout of stochastic depth between `trainable` and the training form. It is no attribute of the standard. */
const rows = 'percept.rows';
const training = 'dropout.training';

/** The model's metadata with the names of its Dropouts that drop whole rows of the batch. */
export function withStochasticDepth(
  metadata: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  return names.length === 0 ? { ...metadata } : { ...metadata, [key]: JSON.stringify({ schema: 1, value: names }) };
}

/**
 * Names of the Dropouts that drop whole rows of the batch.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the note is broken
 */
export function stochasticDepthOf({ metadata }: Model): readonly string[] {
  const text = metadata[key];
  if (text === undefined) return [];
  try {
    return parseOptions(schema, JSON.parse(text), `metadata ${key}`).value;
  } catch (cause) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected the names of Dropout nodes as Percept writes them for metadata ${key} but: ${(cause as Error).message}. Remove that entry from the model's metadata to drop single elements`,
      { cause },
    );
  }
}

/** The node, marked where it is a Dropout of those names. */
export function markRows(node: Node, names: ReadonlySet<string>): Node {
  if (!isDropout(node) || !names.has(node.name)) return node;
  return { ...node, attributes: { ...node.attributes, [rows]: { type: 'int', value: 1 } } };
}

/** Whether a Dropout drops whole rows of the batch. */
export function dropsRows({ attributes }: Node): boolean {
  return attributes[rows] !== undefined;
}

/** Where simplifying looks: it takes out every Dropout that is not marked as training. */
interface Settled {
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** Marks the Dropouts with a ratio above 0 as training if the model `drops`; brings all others to their inference form. */
export function settleDropouts(
  { nodes, constants }: { readonly nodes: readonly Node[]; readonly constants: ReadonlyMap<string, Tensor> },
  drops: boolean,
): Settled {
  if (!nodes.some(isDropout)) return { nodes, constants };
  const settled = nodes.map((node) => {
    if (!isDropout(node)) return node;
    const [x = '', ratio = ''] = node.inputs;
    const none = constants.get(ratio)?.data[0] === 0;
    return { ...node, inputs: drops && !none ? [x, ratio, training] : [x, ratio] };
  });
  return { nodes: settled, constants: new Map([...constants, [training, tensor('bool', [], [1])]]) };
}

function isDropout({ opType, domain }: Node): boolean {
  return opType === 'Dropout' && domain === '';
}
