import { PerceptError } from '@percept/core';
import type { TensorFlow, TensorFlowModule } from './tensor-flow-module.js';

/** Functions by which TensorFlow.js is recognized. */
const expected = ['getBackend', 'tidy', 'variableGrads', 'customGrad', 'tensor'] as const;

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): Readonly<Record<string, unknown>> | undefined;
}

/**
 * Makes sure that what was handed in is TensorFlow.js, and that it can compute.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for something else, `TRAIN_TFJS_NODE_BROKEN` for tfjs-node in Node 23 or later
 */
export function checkTensorFlow(
  tf: TensorFlowModule,
  process: NodeProcess | undefined = (globalThis as { process?: NodeProcess }).process,
): TensorFlow {
  const given = tf as unknown as Readonly<Record<string, unknown>> | null | undefined;
  const missing = expected.filter((name) => typeof given?.[name] !== 'function');
  if (missing.length > 0) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected TensorFlow.js for tf but received something without ${missing.join(', ')}. Give the whole module: import * as tf from '@tensorflow/tfjs-node', or from '@tensorflow/tfjs'`,
    );
  }
  const ops = tf as unknown as TensorFlow;
  const node = process?.versions?.node;
  // tfjs-node 4.22, the last one, calls a function that Node 23 took out; some programs put it back.
  if (node !== undefined && Number.parseInt(node, 10) >= 23 && isTfjsNode(ops, given!)) {
    if (typeof process!.getBuiltinModule?.('util')?.isNullOrUndefined !== 'function') {
      throw new PerceptError(
        'TRAIN_TFJS_NODE_BROKEN',
        `Expected Node below 23 for @tensorflow/tfjs-node but this is ${node}: its operations call util.isNullOrUndefined, which Node no longer has. Run it with Node 20 or 22, or hand in @tensorflow/tfjs, or convert the model with layersModelToOnnx() and train it on onnxruntime`,
      );
    }
  }
  return ops;
}

function isTfjsNode(tf: TensorFlow, given: Readonly<Record<string, unknown>>): boolean {
  const versions = given.version as Readonly<Record<string, unknown>> | undefined;
  return tf.getBackend() === 'tensorflow' || (typeof versions === 'object' && 'tfjs-node' in versions);
}
