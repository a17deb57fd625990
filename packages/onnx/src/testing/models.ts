import { type Tensor, tensor } from '@percept/core';
import { GraphBuilder } from '../graph-builder.js';
import { readModel } from '../read-model.js';
import { writeModel } from '../write-model.js';

/** `x` float32 [N, 1, 3, 3] → Conv (2×2 of ones, bias 1) → Relu → Flatten → Gemm (sum, and minus the sum) → `y` [N, 2]. */
export function convGemmModel(): Uint8Array {
  const graph = new GraphBuilder('conv-gemm');
  const x = graph.input('x', 'float32', ['N', 1, 3, 3]);
  const kernel = graph.initializer('kernel', tensor('float32', [1, 1, 2, 2], [1, 1, 1, 1]));
  const convolved = graph.node('Conv', [x, kernel, graph.constant(tensor('float32', [1], [1]))], {
    kernel_shape: [2, 2],
  });
  const flat = graph.node('Flatten', [graph.node('Relu', [convolved])], { axis: 1 });
  const weights = graph.initializer('weights', tensor('float32', [2, 4], [1, 1, 1, 1, -1, -1, -1, -1]));
  graph.output(graph.node('Gemm', [flat, weights], { transB: 1 }, { outputs: ['y'] }), 'float32', ['N', 2]);
  return writeModel(graph.build());
}

/** Gives back what it is fed: `x` → `y`, of any type and shape [N]. */
export function identityModel(type: Tensor['type']): Uint8Array {
  const graph = new GraphBuilder('identity');
  graph.input('x', type, ['N']);
  graph.output(graph.node('Identity', ['x'], {}, { outputs: ['y'] }), type, ['N']);
  return writeModel(graph.build());
}

/** Two inputs float32 [2]: `sum` and `difference`. */
export function twoOutputsModel(): Uint8Array {
  const graph = new GraphBuilder('two-outputs');
  const a = graph.input('a', 'float32', [2]);
  const b = graph.input('b', 'float32', [2]);
  graph.output(graph.node('Add', [a, b], {}, { outputs: ['sum'] }), 'float32', [2]);
  graph.output(graph.node('Sub', [a, b], {}, { outputs: ['difference'] }), 'float32', [2]);
  return writeModel(graph.build());
}

/** Loads, but fails when it runs: Reshape of `x` int64 [N] to [7]. */
export function failingModel(): Uint8Array {
  const graph = new GraphBuilder('failing');
  const x = graph.input('x', 'int64', ['N']);
  const shape = graph.constant(tensor('int64', [1], [7]));
  graph.output(graph.node('Reshape', [x, shape], {}, { outputs: ['y'] }), 'int64', [7]);
  return writeModel(graph.build());
}

/** Takes some tens of milliseconds natively: `x` float32 [side, side] multiplied by itself 20 times → `y`. */
export function slowModel(side = 512): Uint8Array {
  const graph = new GraphBuilder('slow');
  const x = graph.input('x', 'float32', [side, side]);
  let value = x;
  for (let count = 0; count < 20; count++) value = graph.node('MatMul', [value, x]);
  graph.output(graph.node('Identity', [value], {}, { outputs: ['y'] }), 'float32', [side, side]);
  return writeModel(graph.build());
}

/**
 * `x` float32 [N, 256] → MatMul by `weights` → `y` [N, side]: holds `side` KiB, in a file of its own on request. The sum
 * of each row of `x`, times the number of the column.
 */
export function weightyModel(side: number): Uint8Array {
  const graph = new GraphBuilder('weighty');
  const x = graph.input('x', 'float32', ['N', 256]);
  const weights = graph.initializer('weights', tensor('float32', [256, side], columnNumbers(side)));
  graph.output(graph.node('MatMul', [x, weights], {}, { outputs: ['y'] }), 'float32', ['N', side]);
  return writeModel(graph.build());
}

/** {@link weightyModel} without its weights, and the file that has them. */
export function externalWeightsModel(side: number): { model: Uint8Array; path: string; data: Uint8Array } {
  const path = 'weights.bin';
  const model = readModel(weightyModel(side));
  model.graph.initializers.delete('weights');
  model.graph.rawInitializers = new Map([
    ['weights', { type: 'float32', dims: [256, side], raw: { location: path, offset: 0, length: 1024 * side } }],
  ]);
  return { model: writeModel(model), path, data: new Uint8Array(columnNumbers(side).buffer) };
}

function columnNumbers(side: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 256 * side }, (_, at) => at % side);
}
