// A network that others quantized with their own tool: a folder of test data, named by PERCEPT_DATA, which is not part of
// the project.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tensor } from '@percept/core';
import { decodeImage } from '@percept/image';
import { readModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { runtime } from '../quantize/test-networks.fixture.js';
import { layerSqnr } from './layer-sqnr.js';

const data = process.env.PERCEPT_DATA ?? '';

describe.skipIf(data === '')('published networks (needs PERCEPT_DATA, a folder of test data)', () => {
  it('matches values and weights of MLPerf Tiny ResNet-8, quantized by TensorFlow', async () => {
    const read = async (file: string) => readModel(await readFile(join(data, 'models/cifar10', file)));
    const { data: sheet } = await decodeImage(await readFile(join(data, 'cifar10/test_batch.png')));
    const float = await read('mlperf_tiny_resnet8_fp32.onnx');
    const images = (async function* () {
      const count = 16;
      const batch = tensor('float32', [count, 3, 32, 32]);
      for (let at = 0; at < batch.data.length; at++) {
        const [image, channel, pixel] = [Math.floor(at / 3072), Math.floor(at / 1024) % 3, at % 1024];
        batch.data[at] = sheet[image * 3072 + pixel * 3 + channel]!;
      }
      yield batch;
    })();
    const int8 = await read('mlperf_tiny_resnet8_int8_qdq.onnx');
    const { values, weights } = await layerSqnr(float, int8, { data: images, runtime });
    const convolutions = float.graph.nodes.filter(({ opType }) => opType === 'Conv');
    const outputs = new Set(values.map(({ value }) => value));
    for (const {
      outputs: [output],
    } of convolutions)
      expect(outputs).toContain(output);
    expect(weights).toHaveLength(convolutions.length + 1);
    for (const { sqnr } of weights) expect(sqnr).toBeGreaterThan(40);
    // Its images are integers of 0 to 255, as they are.
    expect(values[0]).toMatchObject({ value: 'input', cumulative: Number.POSITIVE_INFINITY });
    expect(values.at(-1)!.cumulative).toBeGreaterThan(20);
    for (const { alone } of values) expect(alone!).toBeGreaterThan(20);
  });
});
