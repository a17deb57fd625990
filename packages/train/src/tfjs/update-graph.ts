import type { Model } from '@percept/onnx';
import { attributes, inferTypes } from '@percept/onnx/graph';
import { emitUpdates, optimizerStateName } from '../optimizers/emit-updates.js';
import type { Optimizer } from '../optimizers/transformation.js';
import { StepBuilder } from '../step-builder.js';
import * as elementwise from './onnx-on-tf/elementwise.js';

/** A weight that is trained. */
export interface TrainedWeight {
  readonly name: string;
  /** Shape in the layout of the layers. */
  readonly dims: readonly number[];
}

/** Names of inputs of {@link buildUpdateGraph} that are no state. */
export const gradientName = (weight: string): string => `gradient.${weight}`;
export const scalarName = (scalar: string): string => `scalar.${scalar}`;
/** What is put in front of the name of a state tensor for its new value. */
export const nextPrefix = 'next.';

/**
 * What the optimizer makes of the gradients: the new value of every weight and state tensor. Everything is in the layout of
 * the layers. Most optimizers treat all numbers of a weight alike; for one that does not, such as a clipping by filters, the
 * weights are brought to ONNX's layout and back.
 */
export function buildUpdateGraph(optimizer: Optimizer, weights: readonly TrainedWeight[]): Model {
  const plain = build(optimizer, weights, () => undefined);
  return dependsOnLayout(plain) ? build(optimizer, weights, onnxOrder) : plain;
}

/** Order of the axes of a weight in ONNX; `undefined`: the same. By the shape and the names that layers give. */
function onnxOrder({ name, dims }: TrainedWeight): readonly number[] | undefined {
  if (dims.length === 4) return name.includes('/depthwise_kernel') ? [2, 3, 0, 1] : [3, 2, 0, 1];
  return dims.length === 2 ? [1, 0] : undefined;
}

function build(
  optimizer: Optimizer,
  weights: readonly TrainedWeight[],
  orderOf: (weight: TrainedWeight) => readonly number[] | undefined,
): Model {
  const g = new StepBuilder('updates');
  /** Declares an input and gives it, in ONNX's order, the name that the optimizer reads. */
  const input = (name: string, { dims }: TrainedWeight, perm: readonly number[] | undefined): void => {
    const given = g.input(perm === undefined ? name : `${givenPrefix}${name}`, 'float32', [...dims]);
    if (perm !== undefined) g.node('Transpose', [given], { perm }, { outputs: [name] });
  };
  const orders = new Map<string, readonly number[] | undefined>();
  for (const weight of weights) {
    const perm = orderOf(weight);
    const slots = optimizer.state.map((slot) => optimizerStateName(slot, weight.name));
    for (const name of [weight.name, ...slots]) {
      orders.set(name, perm);
      input(name, weight, perm);
    }
    input(gradientName(weight.name), weight, perm);
  }
  const scalars = Object.fromEntries(
    ['learningRate', ...Object.keys(optimizer.scalars)].map((name) => [name, g.input(scalarName(name), 'float32', [])]),
  );
  const trained = weights.map((weight) => ({
    name: weight.name,
    dims: (orderOf(weight) ?? [...weight.dims.keys()]).map((axis) => weight.dims[axis]!),
    gradient: gradientName(weight.name),
  }));
  for (const [name, value] of emitUpdates(g, optimizer, trained, scalars)) {
    const perm = orders.get(name);
    const back =
      perm &&
      g.transpose(
        value,
        [...perm.keys()].map((axis) => perm.indexOf(axis)),
      );
    const output = g.node('Identity', [back ?? value], {}, { outputs: [nextPrefix + name] });
    g.output(output, 'float32', undefined);
  }
  return g.build();
}

const givenPrefix = 'given.';

/** The name of the state tensor, gradient or scalar that an input of the graph takes. */
export function valueOfInput(input: string): string {
  return input.startsWith(givenPrefix) ? input.slice(givenPrefix.length) : input;
}

/** Whether an operator tells some axes of a weight from others. */
function dependsOnLayout(model: Model): boolean {
  const { graph } = model;
  const types = inferTypes(model).of(graph);
  return graph.nodes.some((node) => {
    if (Object.hasOwn(elementwise, node.opType)) return false;
    if (!node.opType.startsWith('Reduce')) return true;
    const axes = graph.initializers.get(node.inputs[1] ?? '')?.data ?? attributes(node).ints('axes', []);
    const type = types.get(node.inputs[0]!);
    const rank = type !== undefined && 'dims' in type ? type.dims?.length : undefined;
    return axes.length > 0 && axes.length !== rank;
  });
}
