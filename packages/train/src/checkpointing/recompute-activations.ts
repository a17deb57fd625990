// Gradient checkpointing (Chen et al. 2016, arXiv:1604.06174): of the forward pass only the values between segments are kept,
// and what the backward pass needs within a segment is computed again when its turn comes.
//
// It works on the finished graph. What is computed again reads its inputs through an addition of a zero that comes of the
// gradients so far: without it onnxruntime would merge the second computation with the first (common subexpression
// elimination), or do it long before it is needed. Nothing but -0 changes by it, so that gradients keep their bits.
import { tensor } from '@percept/core';
import type { Model, Node } from '@percept/onnx';
import { inferTypes } from '@percept/onnx/graph';

/** How much of the forward pass is computed again: nothing, about the square root of the layers at a time, or in so many segments. */
export type Checkpointing = 'none' | 'sqrt' | number;

/** Values up to this number of elements are kept: statistics and weights, whose computation reads large ones. */
const smallValue = 16_384;

const prefix = 'again.';

interface Segment {
  /** Names of the values made in it that are computed again where the backward pass needs them. */
  readonly recomputed: ReadonlySet<string>;
  readonly nodes: readonly Node[];
}

/** What is to be known of a training step. */
export interface RecomputationOptions {
  /** The value that ends the forward pass: the nodes up to the one that makes it are the forward pass. */
  readonly scores: string;
  /** Names of the inputs that are weights. */
  readonly weights: ReadonlySet<string>;
  readonly checkpointing: Checkpointing;
}

/** The training step `model` with gradient checkpointing. It gives the same for more computation and less memory. */
export function recomputeActivations(model: Model, { scores, weights, checkpointing }: RecomputationOptions): Model {
  const { nodes, outputs, initializers } = model.graph;
  const end = nodes.findIndex((node) => node.outputs.includes(scores)) + 1;
  const elements = elementCounts(model);
  const large = (name: string): boolean => (elements.get(name) ?? 0) > smallValue;
  const forward = nodes.slice(0, end);
  const count = segmentCount(forward, checkpointing, large);
  if (count < 2) return model;

  const boundaries = segmentBoundaries(forward, count, elements);
  const given = new Set(outputs.map(({ name }) => name));
  const segments = boundaries.slice(0, -1).map((from, at): Segment => {
    const until = boundaries[at + 1]!;
    const later = new Set(forward.slice(until).flatMap(({ inputs }) => inputs));
    const inside = forward.slice(from, until);
    const made = inside.flatMap((node) => node.outputs);
    return { nodes: inside, recomputed: new Set(made.filter((name) => large(name) && !later.has(name))) };
  });
  // The last segment is still there when the backward pass begins.
  segments.pop();

  const backward = nodes.slice(end);
  const isActivation = (name: string): boolean => elements.has(name) && !weights.has(name) && !initializers.has(name);
  const emitted: Node[] = forward.slice();
  const renamed = new Map<string, string>();
  const entered = new Set<Segment>();
  // The latest value that hangs on the loss: what is computed again waits for it.
  let latest = scores;
  const afterLoss = new Set([scores]);
  for (const node of backward) {
    const isOutput = node.outputs.some((name) => given.has(name));
    for (const [index, segment] of segments.entries()) {
      if (isOutput || entered.has(segment) || !node.inputs.some((name) => segment.recomputed.has(name))) continue;
      entered.add(segment);
      const zero = `${prefix}zero.${index}`;
      const second = secondComputation(segment, backward, zero, { isActivation, large });
      emitted.push(...zeroAfter(latest, zero), ...second);
      for (const name of second.flatMap(({ outputs }) => outputs)) {
        if (segment.recomputed.has(name.slice(prefix.length))) renamed.set(name.slice(prefix.length), name);
      }
    }
    if (node.inputs.some((name) => afterLoss.has(name))) {
      for (const name of node.outputs) afterLoss.add(name);
      latest = node.outputs[0]!;
    }
    emitted.push(isOutput ? node : { ...node, inputs: node.inputs.map((name) => renamed.get(name) ?? name) });
  }
  const constants: [string, readonly number[]][] = [
    [`${prefix}flat`, [-1]],
    [`${prefix}first`, [0]],
    [`${prefix}second`, [1]],
  ];
  const added = constants.map(([name, values]) => [name, tensor('int64', [1], values.map(BigInt))] as const);
  return { ...model, graph: { ...model.graph, nodes: emitted, initializers: new Map([...initializers, ...added]) } };
}

/** The nodes of a segment again, as far as the backward pass reads what they make. */
function secondComputation(
  { nodes, recomputed }: Segment,
  backward: readonly Node[],
  zero: string,
  { isActivation, large }: Record<'isActivation' | 'large', (name: string) => boolean>,
): Node[] {
  const wanted = new Set(backward.flatMap(({ inputs }) => inputs).filter((name) => recomputed.has(name)));
  const needed: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    needed.unshift(node);
    for (const name of node.inputs) if (recomputed.has(name)) wanted.add(name);
  }
  const all: Node[] = [];
  const gated = new Map<string, string>();
  for (const node of needed) {
    // One input that waits is enough. Statistics and the like wait only where there is no other.
    const waits = node.inputs.some((name) => recomputed.has(name) || (isActivation(name) && large(name)));
    const inputs = node.inputs.map((name) => {
      if (recomputed.has(name)) return prefix + name;
      if (!isActivation(name) || (waits && !large(name))) return name;
      if (!gated.has(name)) {
        gated.set(name, `${zero}.${name}`);
        all.push(plain('Add', [name, zero], gated.get(name)!));
      }
      return gated.get(name)!;
    });
    all.push({ ...node, name: '', inputs, outputs: node.outputs.map((name) => (name === '' ? '' : prefix + name)) });
  }
  return all;
}

/** A float32 zero `[1]` that is known only when `value` is: no number is greater than itself, NaN neither. */
function zeroAfter(value: string, zero: string): Node[] {
  const [flat, first, number, never] = ['flat', 'first', 'number', 'never'].map((part) => `${zero}.${part}`) as [
    string,
    string,
    string,
    string,
  ];
  return [
    plain('Reshape', [value, `${prefix}flat`], flat),
    plain('Slice', [flat, `${prefix}first`, `${prefix}second`], first),
    plain('Cast', [first], number, { to: { type: 'int', value: 1 } }),
    plain('Greater', [number, number], never),
    plain('Cast', [never], zero, { to: { type: 'int', value: 1 } }),
  ];
}

function plain(opType: string, inputs: string[], output: string, attributes: Node['attributes'] = {}): Node {
  return { name: '', opType, domain: '', docString: '', inputs, outputs: [output], attributes };
}

function segmentCount(
  forward: readonly Node[],
  checkpointing: Checkpointing,
  large: (name: string) => boolean,
): number {
  if (checkpointing === 'none') return 1;
  if (typeof checkpointing === 'number') return checkpointing;
  const layers = forward.filter(({ opType, outputs }) => /^(?:Conv|Gemm|MatMul)/.test(opType) && outputs.some(large));
  return Math.round(Math.sqrt(layers.length));
}

/**
 * Where segments begin, the end last: equal shares of all elements, moved by up to a third of a segment to where the
 * fewest elements cross.
 */
function segmentBoundaries(forward: readonly Node[], count: number, elements: ReadonlyMap<string, number>): number[] {
  const size = (name: string): number => elements.get(name) ?? 0;
  const sums = [0];
  for (const { outputs } of forward) sums.push(sums.at(-1)! + outputs.reduce((sum, name) => sum + size(name), 0));
  const lastUse = new Map<string, number>();
  for (const [at, { inputs }] of forward.entries()) for (const name of inputs) lastUse.set(name, at);
  const crossing = new Array<number>(forward.length + 1).fill(0);
  for (const [at, { outputs }] of forward.entries()) {
    for (const name of outputs) {
      for (let boundary = at + 1; boundary <= (lastUse.get(name) ?? -1); boundary++) crossing[boundary]! += size(name);
    }
  }
  const share = sums.at(-1)! / count;
  const boundaries = [0];
  for (let segment = 1; segment < count; segment++) {
    let best: number | undefined;
    for (let at = boundaries.at(-1)! + 1; at < forward.length; at++) {
      if (Math.abs(sums[at]! - segment * share) > share / 3) continue;
      if (best === undefined || crossing[at]! < crossing[best]!) best = at;
    }
    if (best !== undefined) boundaries.push(best);
  }
  return [...boundaries, forward.length];
}

/** Elements of every value whose shape is known. */
function elementCounts(model: Model): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [name, type] of inferTypes(model).values) {
    if (type.kind !== 'tensor' || type.elementType !== 'float32') continue;
    const dims = type.dims;
    if (dims === undefined || dims.some((size) => typeof size !== 'number')) continue;
    counts.set(
      name,
      (dims as readonly number[]).reduce((product, size) => product * size, 1),
    );
  }
  return counts;
}
