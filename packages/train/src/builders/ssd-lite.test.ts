import { elementCount, tensor } from '@percept/core';
import { GraphBuilder, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { checkModel } from '@percept/onnx/graph';
import { describe, expect, it } from 'vitest';
import { detectorOf } from '../detection/detector.js';
import { golden, largestDifference } from '../detection/golden.fixture.js';
import { trainable } from '../trainable.js';
import { keyedInitialization } from './initialization.js';
import { mobilenetV2 } from './mobilenet-v2.js';
import { mobilenetV3Small } from './mobilenet-v3.js';
import { Network } from './network.js';
import { squeezenet } from './squeezenet.js';
import { ssdLite } from './ssd-lite.js';

// Each leaves a stride by another kind of layer.
const backbones = {
  mobilenetV2: mobilenetV2({ classes: 5 }),
  mobilenetV3Small: mobilenetV3Small({ classes: 5 }),
};

describe('ssdLite', () => {
  it('has the anchors of torchvision by default', () => {
    // ssdlite320_mobilenet_v3_large has 3234 anchors on maps of 20, 10, 5, 3, 2 and 1.
    const { grid, anchors, scores } = detectorOf(ssdLite({ classes: 90, backbone: backbones.mobilenetV3Small }));
    expect(grid.maps).toEqual([20, 10, 5, 3, 2, 1].map((side) => [side, side]));
    expect(anchors.length / 4).toBe(3234);
    expect(scores).toBe('softmax');
  });

  it('says behind a backbone what the layers of torchvision say', async () => {
    const { parameters, inputDims, anchorsPerPosition, outputDims, output } = golden.network;
    const net = new Network('tiny', keyedInitialization(1));
    const input = net.g.input('image', 'float32', ['N', 3, 20, 28]);
    const convolved = (x: string, name: string, from: number, to: number): string =>
      net.relu(net.conv(x, name, { from, to, kernel: 3, stride: 2 }));
    const fine = convolved(input, 'c0', 3, 6);
    const coarse = convolved(fine, 'c1', 6, 10);
    const scores = net.linear(net.flatten(net.globalAverage(coarse)), 'head', { from: 10, to: 2 });
    const model = ssdLite({
      classes: 3,
      backbone: net.classifier(scores, 2),
      size: [inputDims[2], inputDims[3]],
      featureMaps: [fine, coarse],
      extraChannels: [8],
      anchors: anchorsPerPosition.map((count) => Array(count).fill([0.5, 0.5])),
    });
    const wave = (place: number, step: number, count: number): Float64Array =>
      Float64Array.from({ length: count }, (_, i) => Math.sin(i * step + place));
    for (const [place, name] of parameters.entries()) {
      const { dims } = model.graph.initializers.get(name)!;
      const values = wave(place, 0.37, elementCount(dims)).map((value) =>
        name.endsWith('running_var') ? 1 + 0.5 * value : 0.4 * value,
      );
      model.graph.initializers.set(name, tensor('float32', dims, Float32Array.from(values)));
    }
    const pixels = Float32Array.from(wave(0, 0.11, elementCount(inputDims)));
    const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model), { threads: 1 });
    const { detections } = await session.run({ image: tensor('float32', inputDims, pixels) });
    await session.close();
    expect(detections!.dims).toEqual(outputDims);
    const ours = (detections!.data as Float32Array).filter((_, i) => i % 7 === 0);
    expect(largestDifference(ours, output)).toBeLessThan(1e-5);
  });

  it.each(Object.entries(backbones))('cuts %s where its feature maps leave a size', async (_, backbone) => {
    const model = ssdLite({ classes: 2, backbone, size: [64, 96], strides: [8, 16, 32], extraChannels: [32] });
    expect(checkModel(model)).toEqual([]);
    const { grid, anchors, size } = detectorOf(model);
    expect(size).toEqual([64, 96]);
    expect(grid.maps).toEqual([
      [8, 12],
      [4, 6],
      [2, 3],
      [1, 2],
    ]);
    const source = trainable(model);
    const shared = [...backbone.graph.initializers.keys()].filter((name) => model.graph.initializers.has(name));
    expect(source.parameters.filter((name) => shared.includes(name)).length).toBeGreaterThan(50);
    const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model), { threads: 1 });
    const { detections } = await session.run({ input: tensor('float32', [2, 3, 64, 96]) });
    await session.close();
    expect(detections!.dims).toEqual([2, anchors.length / 4, 7]);
  });

  it('begins with unlikely classes where each has a sigmoid', () => {
    const options = {
      classes: 2,
      backbone: backbones.mobilenetV2,
      size: 64,
      strides: [16],
      extraChannels: [],
      anchors: [[[0.5, 0.5]]],
    } as const;
    const bias = (scores: 'softmax' | 'sigmoid'): number[] => {
      const { graph } = ssdLite({ ...options, scores });
      return [...(graph.initializers.get('heads.0.classes.1.bias')!.data as Float32Array)];
    };
    expect(bias('softmax')).toEqual([0, 0, 0]);
    for (const value of bias('sigmoid')) expect(1 / (1 + Math.exp(-value))).toBeCloseTo(0.01, 6);
  });

  it('takes feature maps by name and gives the same weights for the same seed', () => {
    const backbone = squeezenet({ classes: 2, size: 64 });
    const joined = backbone.graph.nodes.filter(({ opType }) => opType === 'Concat').map(({ outputs }) => outputs[0]!);
    const options = { classes: 1, backbone, size: 64, featureMaps: [joined[3]!], extraChannels: [], seed: 3 };
    const [one, two] = [ssdLite(options), ssdLite(options)];
    expect(detectorOf(one).grid.maps).toHaveLength(1);
    const head = 'heads.0.boxes.1.weight';
    expect(one.graph.initializers.get(head)).toEqual(two.graph.initializers.get(head));
    const other = ssdLite({ ...options, seed: 4 }).graph.initializers.get(head);
    expect(other).not.toEqual(one.graph.initializers.get(head));
  });

  it('refuses what cannot be a detector', () => {
    const backbone = backbones.mobilenetV2;
    const code = (options: object): string | undefined => {
      try {
        ssdLite({ classes: 1, backbone, size: 64, ...options });
        return undefined;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code({ classes: 0 })).toBe('INVALID_ARGUMENT');
    expect(code({ anchors: [[[0.1, 0.1]]] })).toBe('INVALID_ARGUMENT');
    expect(code({ strides: [7] })).toBe('TRAIN_MODEL_INVALID');
    expect(code({ featureMaps: ['nothing'] })).toBe('TRAIN_MODEL_INVALID');
    expect(code({ featureMaps: ['logits'] })).toBe('TRAIN_MODEL_INVALID');
    expect(code({ backbone: new GraphBuilder('empty').build() })).toBe('TRAIN_MODEL_INVALID');
    expect(() => detectorOf(backbone)).toThrow(expect.objectContaining({ code: 'TRAIN_MODEL_INVALID' }));
    const metadata = { 'percept.train.detector': '{"schema":1,"value":{}}' };
    expect(() => detectorOf({ ...backbone, metadata })).toThrow(
      expect.objectContaining({ code: 'TRAIN_MODEL_INVALID' }),
    );
  });
});
