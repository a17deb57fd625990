// Real networks as teachers: a folder of test data, named by PERCEPT_DATA, which is not part of the project.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PreprocessSpec, type Tensor, tensor } from '@percept/core';
import { decodeImage } from '@percept/image';
import { GraphBuilder, type Model, readModel, withMetadata, writeModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { runtime } from '../quantize/test-networks.fixture.js';
import { RunningTeacher } from './running-teacher.js';
import { settleTeacher, teacherGraph } from './teacher-model.js';

const data = process.env.PERCEPT_DATA ?? '';
const cifar: PreprocessSpec = {
  color: 'rgb',
  scale: 1 / 255,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};

/** The first CIFAR-10 test images as a preprocessing gives them. */
async function images(count: number, { mean, std }: PreprocessSpec): Promise<Tensor<'float32'>> {
  const { data: sheet } = await decodeImage(await readFile(join(data, 'cifar10/test_batch.png')));
  const batch = tensor('float32', [count, 3, 32, 32]);
  for (let at = 0; at < batch.data.length; at++) {
    const [image, channel, pixel] = [Math.floor(at / 3072), Math.floor(at / 1024) % 3, at % 1024];
    batch.data[at] = (sheet[image * 3072 + pixel * 3 + channel]! / 255 - mean[channel]!) / std[channel]!;
  }
  return batch;
}

/** What the teacher says of the student's images. */
async function rowsOf(teacher: Model, batch: Tensor<'float32'>, classes: number): Promise<Float32Array> {
  const setting = { dims: batch.dims, own: false, resize: true, size: undefined, student: cifar };
  const graph = await teacherGraph(settleTeacher(teacher, setting), batch.dims, []);
  const running = await RunningTeacher.load(graph, { runtime, session: { threads: 1 }, classes, signal: undefined });
  const place = { role: 'training', epoch: 0, position: 0, keys: [] };
  const rows = await running.rows(batch, place, undefined);
  await running.close();
  return rows;
}

describe.skipIf(data === '')('published teachers (needs PERCEPT_DATA, a folder of test data)', () => {
  it('see CIFAR-10 in their own normalisation', async () => {
    const imagenet = { ...cifar, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    const file = await readFile(join(data, 'models/cifar10/cifar10_resnet56.onnx'));
    const rows = await rowsOf(withMetadata(readModel(file), { preprocess: imagenet }), await images(16, cifar), 10);
    const session = await runtime.createSession(file, { threads: 1 });
    const { logits } = await session.run({ input: await images(16, imagenet) });
    await session.close();
    for (const [at, value] of rows.entries()) expect(value).toBeCloseTo((logits!.data as Float32Array)[at]!, 3);
    const labels: number[] = JSON.parse(await readFile(join(data, 'cifar10/test_labels.json'), 'utf8'));
    const right = labels.slice(0, 16).filter((label, row) => {
      const scores = rows.subarray(row * 10, row * 10 + 10);
      return scores.indexOf(Math.max(...scores)) === label;
    });
    expect(right.length).toBeGreaterThan(13);
  });

  it('give log-probabilities where they end in a softmax: SqueezeNet in float16 and float32, on small images', async () => {
    const preprocess: PreprocessSpec = { color: 'bgr', scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] };
    const batch = await images(3, cifar);
    const found: Float32Array[] = [];
    for (const name of ['squeezenet_fp32', 'squeezenet_fp16']) {
      const model = readModel(await readFile(join(data, `models/imagenet/${name}.onnx`)));
      found.push(await rowsOf(withMetadata(model, { preprocess }), batch, 1000));
    }
    for (const rows of found) {
      for (let row = 0; row < 3; row++) {
        const sum = rows.subarray(row * 1000, (row + 1) * 1000).reduce((total, value) => total + Math.exp(value), 0);
        expect(sum).toBeCloseTo(1, 2);
      }
    }
    const [single, half] = found as [Float32Array, Float32Array];
    for (const [at, value] of single.entries()) expect(Math.exp(half[at]!)).toBeCloseTo(Math.exp(value), 1);
  });
});

it('takes channels last, a size of its metadata and a size that is told', async () => {
  const g = new GraphBuilder('last');
  const x = g.input('x', 'float32', ['N', 'H', 'W', 3]);
  g.output(g.node('ReduceMean', [x], { axes: [1, 2], keepdims: 0 }, { outputs: ['y'] }), 'float32', ['N', 3]);
  const spec: PreprocessSpec = { color: 'bgr', scale: 1, mean: [1, 2, 3], std: [2, 2, 2], layout: 'NHWC' };
  const teacher = withMetadata(g.build(), { preprocess: { ...spec, crop: { width: 6, height: 4 } } });
  const student: PreprocessSpec = { color: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
  const dims = [2, 3, 8, 8];
  const setting = { dims, own: false, resize: true, size: undefined, student };
  expect(settleTeacher(teacher, setting).inputDims).toEqual([2, 4, 6, 3]);
  const told = settleTeacher(teacher, { ...setting, size: [5, 7] });
  expect(told.inputDims).toEqual([2, 5, 7, 3]);
  const graph = await teacherGraph(told, dims, []);
  expect(writeModel(readModel(graph.bytes))).toEqual(graph.bytes);
  const running = await RunningTeacher.load(graph, { runtime, session: {}, classes: 3, signal: undefined });
  const pixels = Float32Array.from({ length: 384 }, (_, at) => [10, 20, 30][Math.floor(at / 64) % 3]!);
  const place = { role: 'training', epoch: 0, position: 0, keys: [] };
  const rows = await running.rows(tensor('float32', dims, pixels), place, undefined);
  await running.close();
  for (const [at, value] of [14.5, 9, 3.5, 14.5, 9, 3.5].entries()) expect(rows[at]).toBeCloseTo(value, 4);
});
