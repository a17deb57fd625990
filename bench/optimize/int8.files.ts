// The files that int8 benches run: a network in float and as @percept/optimize quantizes it, with the images of the calibration
// for peers to calibrate on.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { quantizeStatic } from '@percept/optimize';
import { hasVnni } from '../harness/machine.js';
import { imageSize, networks } from './int8.networks.js';

/** Where the files of a network are. */
export interface NetworkFiles {
  readonly float: string;
  readonly int8: string;
  /** The images as raw float32, `[count, 3, 224, 224]`. */
  readonly images: string;
}

const count = 8;

/** Makes the files of a network anew. */
export async function writeNetwork(name: string): Promise<NetworkFiles> {
  const folder = fileURLToPath(new URL(`../../.cache/bench-int8/${name}`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  const [float, int8, images] = ['float.onnx', 'int8.onnx', 'images.f32'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
  ];
  const model = networks[name]!.model();
  const batch = randomImages();
  writeFileSync(float, writeModel(model));
  writeFileSync(images, new Uint8Array(batch.data.buffer));
  const runtime = onnxruntimeNode({ worker: false });
  const target = hasVnni() ? 'x64-vnni' : 'x64';
  const quantized = await quantizeStatic(model, { calibration: oneByOne(batch), runtime, target });
  writeFileSync(int8, writeModel(quantized.model));
  return { float, int8, images };
}

function randomImages(): Tensor<'float32'> {
  const random = keyedRandom('images');
  const data = new Float32Array(count * 3 * imageSize ** 2);
  for (let at = 0; at < data.length; at++) data[at] = random.normal();
  return tensor('float32', [count, 3, imageSize, imageSize], data);
}

async function* oneByOne({ data }: Tensor<'float32'>): AsyncIterable<Tensor<'float32'>> {
  const size = data.length / count;
  for (let at = 0; at < count; at++)
    yield tensor('float32', [1, 3, imageSize, imageSize], data.slice(at * size, (at + 1) * size));
}
