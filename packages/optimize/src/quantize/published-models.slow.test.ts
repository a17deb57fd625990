// Real networks and real images: a folder of test data, named by PERCEPT_DATA, which is not part of the project.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Tensor, tensor } from '@percept/core';
import { decodeImage } from '@percept/image';
import { type Model, readModel, writeModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { quantizeStatic } from './quantize-static.js';
import { runtime } from './test-networks.fixture.js';

const data = process.env.PERCEPT_DATA ?? '';
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** CIFAR-10's test images `[from, from + count)` as `[N, 3, 32, 32]`: row i of the sheet is image i. */
function cifarBatch(sheet: Uint8Array, from: number, count: number): Tensor<'float32'> {
  const batch = tensor('float32', [count, 3, 32, 32]);
  for (let at = 0; at < batch.data.length; at++) {
    const [image, channel, pixel] = [Math.floor(at / 3072), Math.floor(at / 1024) % 3, at % 1024];
    const value = sheet[(from + image) * 3072 + pixel * 3 + channel]!;
    batch.data[at] = (value / 255 - imagenet.mean[channel]!) / imagenet.std[channel]!;
  }
  return batch;
}

async function predictions(model: Model, batch: Tensor<'float32'>): Promise<number[]> {
  const session = await runtime.createSession(writeModel(model));
  const { logits } = await session.run({ input: batch });
  await session.close();
  return Array.from({ length: batch.dims[0]! }, (_, image) => {
    const row = logits!.data.slice(10 * image, 10 * image + 10) as Float32Array;
    return row.indexOf(Math.max(...row));
  });
}

describe.skipIf(data === '')('published networks (needs PERCEPT_DATA, a folder of test data)', () => {
  it('quantizes CIFAR-10 ResNet-20 within a point of its accuracy', async () => {
    const { data: sheet } = await decodeImage(await readFile(join(data, 'cifar10/test_batch.png')));
    const labels: number[] = JSON.parse(await readFile(join(data, 'cifar10/test_labels.json'), 'utf8'));
    const float = readModel(await readFile(join(data, 'models/cifar10/cifar10_resnet20.onnx')));
    const calibration = (async function* () {
      for (let from = 9744; from < 10_000; from += 64) yield cifarBatch(sheet, from, 64);
    })();
    const quantized = await quantizeStatic(float, { calibration, runtime });
    expect(quantized.float).toEqual([]);
    const held = cifarBatch(sheet, 0, 500);
    const [before, after] = await Promise.all([float, quantized.model].map((model) => predictions(model, held)));
    const accuracy = (classes: number[]) => classes.filter((chosen, image) => chosen === labels[image]).length / 500;
    expect(accuracy(before!)).toBeGreaterThan(0.9);
    expect(accuracy(after!)).toBeGreaterThan(accuracy(before!) - 0.01);
    expect(before!.filter((chosen, image) => chosen === after![image]).length / 500).toBeGreaterThan(0.97);
  });

  it('quantizes every layer of MobileNetV2', async () => {
    const float = readModel(await readFile(join(data, 'models/imagenet/mobilenetv2_1.0_224_fp32.onnx')));
    const calibration = (async function* () {
      yield tensor('float32', [1, 3, 224, 224]);
    })();
    const { model, float: left } = await quantizeStatic(float, { calibration, runtime });
    expect(left).toEqual([]);
    expect(model.graph.nodes.map((node) => node.opType)).not.toContain('Clip');
    expect(writeModel(float).length / writeModel(model).length).toBeGreaterThan(3.5);
  });
});
