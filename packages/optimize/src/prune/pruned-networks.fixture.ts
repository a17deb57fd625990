// Networks to prune, and the yardstick that pruning is held to: the same network with zeros for the weights that went.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { elementCount, keyedRandom, type Tensor, tensor } from '@percept/core';
import { cloneModel, type Model, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import {
  cifarResnet,
  efficientnetB0,
  fromOnnx,
  mobilenetV2,
  mobilenetV3Large,
  resnet18,
  resnet50,
  squeezenet,
  vitTiny,
} from '@percept/train';
import type { ChannelGraph } from './channel-graph.js';
import { KeptPositions } from './kept-positions.js';

export const runtime = onnxruntimeNode({ worker: false });

const small = { classes: 5, size: 32, seed: 3 };

/** Every architecture of the training suite, small, by name. */
export const builders: readonly (readonly [name: string, build: () => Model])[] = [
  ['resnet18', () => resnet18(small)],
  ['resnet50', () => resnet50(small)],
  ['mobilenetV2', () => mobilenetV2(small)],
  ['mobilenetV3Large', () => mobilenetV3Large(small)],
  ['efficientnetB0', () => efficientnetB0(small)],
  ['squeezenet', () => squeezenet({ ...small, size: 48 })],
  ['vitTiny', () => vitTiny({ ...small, depth: 2 })],
  ['cifarResnet', () => cifarResnet({ ...small, depth: 14 })],
];

const folder = new URL('../../../../test/goldens/train/stock-nets/', import.meta.url);

/** Files of torchvision and timm as their exporters wrote them (test/goldens/train/stock-nets.py), by name. */
export const stockNets: readonly (readonly [
  name: string,
  read: () => { model: Model; inputDims: readonly number[] },
])[] = readdirSync(folder).map((file) => [
  file.replace('.json', ''),
  () => {
    const recorded = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const model = readModel(gunzipSync(Buffer.from(recorded.model, 'base64')));
    for (const { name, dims } of model.graph.inputs) {
      if (name !== 'input') model.graph.initializers.set(name, filled(name, dims as number[]));
    }
    return { model: fromOnnx(model), inputDims: recorded.inputDims };
  },
]);

function filled(name: string, dims: readonly number[]): Tensor {
  const random = keyedRandom('stock', name);
  const fanIn = elementCount(dims.slice(1));
  const deviation = Math.sqrt(2 / fanIn);
  const value = dims.length > 1 ? () => deviation * random.normal() : () => random.uniform(0.5, 1.5);
  return tensor('float32', dims, Float32Array.from({ length: elementCount(dims) }, value));
}

/** Vectors that differ from channel to channel, where a builder has zeros and ones that hide a mistake. */
export function shaken(model: Model): Model {
  const result = cloneModel(model);
  for (const [name, value] of result.graph.initializers) {
    if (value.type !== 'float32' || value.dims.length !== 1 || value.dims[0]! < 2) continue;
    const random = keyedRandom('shaken', name);
    const data = (value.data as Float32Array).map((element) => element + random.uniform(-0.3, 0.3));
    result.graph.initializers.set(name, tensor('float32', value.dims, data));
  }
  return result;
}

/** The model with zeros wherever a constant would lose elements, and all its channels. */
export function masked(model: Model, graph: ChannelGraph, removed: ReadonlySet<number>): Model {
  const result = cloneModel(model);
  const kept = new KeptPositions(graph, removed);
  const untouched = new Set(
    result.graph.nodes.flatMap((node) => placesToLeave(node.opType).map((at) => node.inputs[at])),
  );
  for (const [name, value] of result.graph.initializers) {
    if (value.type !== 'float32' || untouched.has(name)) continue;
    const stays = value.dims.map((_, axis) => kept.along(name, axis));
    if (stays.every((positions) => positions === undefined)) continue;
    const data = (value.data as Float32Array).slice();
    for (const [axis, positions] of stays.entries()) {
      if (positions === undefined) continue;
      const inner = elementCount(value.dims.slice(axis + 1));
      const own = new Set(positions);
      for (let at = 0; at < data.length; at++) if (!own.has(Math.floor(at / inner) % value.dims[axis]!)) data[at] = 0;
    }
    result.graph.initializers.set(name, tensor('float32', value.dims, data));
  }
  return result;
}

/** What zeros would break: statistics and divisors. */
function placesToLeave(opType: string): readonly number[] {
  return { BatchNormalization: [3, 4], Div: [1] }[opType] ?? [];
}

/** Images that are the same in every run. */
export function images(dims: readonly number[]): Tensor<'float32'> {
  const random = keyedRandom('images', dims.join());
  return tensor(
    'float32',
    dims,
    Float32Array.from({ length: elementCount(dims) }, () => random.normal()),
  );
}

/** Outputs of a model for one input. */
export async function outputsOf(model: Model, input: Tensor): Promise<readonly Tensor[]> {
  const session = await runtime.createSession(writeModel(model), { threads: 1 });
  try {
    return Object.values(await session.run({ [session.inputs[0]!.name]: input }));
  } finally {
    await session.close();
  }
}

/** Largest difference of the outputs of two models, relative to the largest magnitude. */
export async function difference(expected: Model, actual: Model, input: Tensor): Promise<number> {
  const [left, right] = [await outputsOf(expected, input), await outputsOf(actual, input)];
  let worst = left.length === right.length ? 0 : Number.POSITIVE_INFINITY;
  for (const [at, { data, dims }] of left.entries()) {
    if (right[at]!.dims.join() !== dims.join()) return Number.POSITIVE_INFINITY;
    let [magnitude, largest] = [0, 0];
    for (const [index, value] of (data as Float32Array).entries()) {
      magnitude = Math.max(magnitude, Math.abs(value));
      largest = Math.max(largest, Math.abs(value - (right[at]!.data as Float32Array)[index]!));
    }
    worst = Math.max(worst, largest / magnitude || 0);
    if (!Number.isFinite(magnitude)) return Number.POSITIVE_INFINITY;
  }
  return worst;
}
