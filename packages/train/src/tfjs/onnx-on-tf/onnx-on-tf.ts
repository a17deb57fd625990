// Runs small ONNX graphs over tensors of TensorFlow.js: what losses and optimizers emit, so that they are the same ones with
// either engine. It is no general ONNX runtime: every node has one output, and sizes are constants of the graph.
import type { Tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import { attributes } from '@percept/onnx/graph';
import type { TensorFlow, TfTensor } from '../tensor-flow-module.js';
import { operators } from './table.js';
import { unsupportedOperator } from './unsupported-operator.js';

/** A graph that is ready to run. */
export interface TfGraph {
  /** The outputs by name. To be called within `tf.tidy`, which frees what is between. */
  run(feeds: Readonly<Record<string, TfTensor>>): Record<string, TfTensor>;
  /** Frees the constants. */
  dispose(): void;
}

/**
 * Prepares a graph: its constants become tensors once.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED`, naming the node, for an operator that does not run here
 */
export function onnxOnTf(tf: TensorFlow, { graph }: Model): TfGraph {
  const constants = new Map<string, TfTensor>();
  const steps = graph.nodes.map((node) => {
    const operator = node.domain === '' && Object.hasOwn(operators, node.opType) ? operators[node.opType] : undefined;
    if (operator === undefined || node.outputs.length !== 1) unsupportedOperator(node, `the operator ${node.opType}`);
    const constant = (index: number): Tensor | undefined => graph.initializers.get(node.inputs[index] ?? '');
    return { node, operator, attributes: attributes(node), constant };
  });
  for (const [name, value] of graph.initializers) constants.set(name, tf.keep(tensorOnTf(tf, value)));

  return {
    run(feeds) {
      const values = new Map([...constants, ...Object.entries(feeds)]);
      for (const { node, operator, ...step } of steps) {
        const inputs = node.inputs.map((name) => values.get(name));
        values.set(node.outputs[0]!, operator({ tf, node, inputs, ...step }));
      }
      return Object.fromEntries(graph.outputs.map(({ name }) => [name, values.get(name)!]));
    },
    dispose() {
      for (const constant of constants.values()) constant.dispose();
    },
  };
}

/** A tensor on the device of TensorFlow.js: float32 as it is, integers as int32. */
export function tensorOnTf(tf: TensorFlow, { type, dims, data }: Tensor): TfTensor {
  if (type === 'float32') return tf.tensor(data as Float32Array, [...dims], 'float32');
  return tf.tensor(Int32Array.from(data as ArrayLike<number | bigint>, Number), [...dims], 'int32');
}
