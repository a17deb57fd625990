// A small detector from end to end: trained, scored, exported, run by two runtimes.
import type { Batch, Tensor } from '@percept/core';
import { type Model, type Runtime, readMetadata, readModel, writeModel } from '@percept/onnx';
import { interpreter } from '@percept/onnx/backends/interpreter';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { keyedInitialization } from '../builders/initialization.js';
import { Network } from '../builders/network.js';
import { ssdLite } from '../builders/ssd-lite.js';
import { evaluate } from '../evaluation/evaluate.js';
import { evaluationPage } from '../evaluation/evaluation-page.js';
import { adam } from '../optimizers/adam.js';
import { Trainer } from '../trainer.js';
import { type DecodedDetections, decodeDetections } from './decode-detections.js';
import { detectorOf } from './detector.js';
import { exportDetector } from './export-detector.js';
import { fitAnchors } from './fit-anchors.js';
import { retinaLoss } from './retina-loss.js';
import { squareBatches, squareClasses, squareSamples } from './squares.fixture.js';
import { ssdLoss } from './ssd-loss.js';

const samples = squareSamples(48);
const tests = squareSamples(16, 1000);
const { shapes } = fitAnchors(
  samples.flatMap(({ boxes }) =>
    Array.from({ length: boxes.length / 4 }, (_, i) => (boxes[4 * i + 2]! - boxes[4 * i]!) / 64).flatMap((side) => [
      side,
      side,
    ]),
  ),
  { perLevel: [1, 1] },
);

/** A classifier of three strided convolutions. */
function backbone(): Model {
  const net = new Network('tiny', keyedInitialization(1));
  let x = net.g.input('image', 'float32', ['N', 3, 64, 64]);
  for (const [index, [from, to]] of [
    [3, 8],
    [8, 16],
    [16, 24],
  ].entries()) {
    x = net.relu(
      net.batchNorm(net.conv(x, `c${index}`, { from: from!, to: to!, kernel: 3, stride: 2 }), `n${index}`, to!),
    );
  }
  return net.classifier(net.linear(net.flatten(net.globalAverage(x)), 'head', { from: 24, to: 2 }), 2);
}

const tiny = (scores: 'softmax' | 'sigmoid'): Model =>
  ssdLite({ classes: 2, backbone: backbone(), size: 64, strides: [4, 8], extraChannels: [], anchors: shapes, scores });

async function train(scores: 'softmax' | 'sigmoid', epochs: number) {
  const model = tiny(scores);
  return new Trainer({
    model,
    data: squareBatches(detectorOf(model), { samples }),
    loss: scores === 'softmax' ? ssdLoss() : retinaLoss(),
    optimizer: adam({ learningRate: 0.02 }),
    epochs,
    threads: 1,
  }).fit();
}

const runtime = onnxruntimeNode({ worker: false });
const scoring = { runtime, threads: 1, task: 'detection' } as const;

async function runModel(engine: Runtime, model: Model, inputs: Tensor): Promise<Readonly<Record<string, Tensor>>> {
  const session = await engine.createSession(writeModel(model));
  try {
    return await session.run({ [model.graph.inputs[0]!.name]: inputs });
  } finally {
    await session.close();
  }
}

describe('a detector', () => {
  let trained: Awaited<ReturnType<typeof train>>;
  let model: Model;
  let inputs: Tensor<'float32'>;
  beforeAll(async () => {
    trained = await train('softmax', 12);
    model = trained.model;
    for await (const batch of squareBatches(detectorOf(model), {
      samples: tests,
      shuffle: false,
      batchSize: 5,
    }).batches({
      epoch: 0,
    })) {
      inputs = batch.inputs;
      break;
    }
  }, 120_000);

  it('learns where squares are and which', async () => {
    const { history } = trained;
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss / 2);
    const data = squareBatches(detectorOf(model), { samples: tests, shuffle: false });
    const before = await evaluate(tiny('softmax'), data, scoring);
    const report = await evaluate(model, data, scoring);
    expect(before.meanAveragePrecisionAt50).toBeLessThan(0.3);
    expect(report.meanAveragePrecisionAt50).toBeGreaterThan(0.8);
    expect(report.images).toBe(16);
    expect(report.perClass).toHaveLength(2);
  });

  it('is evaluated by slices, with intervals and the worst mistakes', async () => {
    const data = squareBatches(detectorOf(model), { samples: tests, shuffle: false, batchSize: 5 });
    const report = await evaluate(writeModel(model), data, {
      ...scoring,
      slices: { squares: (_, index) => (index % 2 === 0 ? 'one' : 'two') },
      bootstrap: { resamples: 200 },
    });
    expect(report.classes).toEqual(squareClasses);
    for (const name of ['meanAveragePrecision', 'meanAveragePrecisionAt50', 'loss'] as const) {
      expect(report.intervals[name]!.lower).toBeLessThanOrEqual(report[name]);
      expect(report.intervals[name]!.upper).toBeGreaterThanOrEqual(report[name]);
    }
    expect(report.slices.map(({ value, report: { images } }) => [value, images])).toEqual([
      ['one', 8],
      ['two', 8],
    ]);
    // Without a threshold of sureness everything that was seen counts, and something is always wrong.
    const greedy = await evaluate(model, data, { ...scoring, threshold: 0, mistakes: 3 });
    expect(greedy.meanAveragePrecision).toBe(report.meanAveragePrecision);
    expect(greedy.loss).toBeGreaterThan(report.loss);
    expect(greedy.mistakes).toHaveLength(3);
    for (const { key, index, right, missed, wrong } of greedy.mistakes) {
      expect(key).toBe(tests[index]!.key);
      expect(right + missed.length).toBe(tests[index]!.labels.length);
      expect(wrong.length).toBeGreaterThan(0);
    }
    const page = JSON.stringify(await evaluationPage(JSON.parse(JSON.stringify(greedy))));
    for (const text of ['mAP at IoU 0.5', 'objects', '+ red']) expect(page).toContain(text);
    const plain = {
      batchesPerEpoch: 1,
      classes: squareClasses,
      batches: () => withoutTruth(data.batches({ epoch: 0 })),
    };
    await expect(evaluate(model, plain, scoring)).rejects.toMatchObject({ code: 'TRAIN_DATA_INVALID' });
  });

  it('keeps its description while it is trained, written and read', () => {
    const read = detectorOf(readModel(writeModel(model)));
    expect(read).toEqual({ ...detectorOf(tiny('softmax')), labels: squareClasses });
  });

  const engines = { onnxruntime: runtime, interpreter: interpreter() };
  it.each(Object.entries(engines))('finds the same with suppression in the graph, on %s', async (_, engine) => {
    for (const options of [{ scoreThreshold: 0.05 }, { scoreThreshold: 0.02, iouThreshold: 0.2, maxDetections: 3 }]) {
      const exported = exportDetector(model, options);
      expect(readMetadata(exported).labels).toEqual(squareClasses);
      const raw = await runModel(runtime, model, inputs);
      const expected = decodeDetections(raw.detections!, detectorOf(model), options);
      expect(Math.max(...expected.map(({ scores }) => scores.length))).toBeGreaterThan(2);
      expect(perImage(await runModel(engine, exported, inputs), 5)).toEqual(expected.map(rounded));
    }
  });

  it('finds nothing, without an error, where nothing is sure', async () => {
    const found = await runModel(runtime, exportDetector(model, { scoreThreshold: 1 }), inputs);
    expect(found.boxes!.dims).toEqual([0, 4]);
    expect(found.images!.dims).toEqual([0]);
  });

  it('gives all boxes and probabilities without suppression', async () => {
    const anchors = detectorOf(model).anchors.length / 4;
    const { boxes, scores } = await runModel(runtime, exportDetector(model, { nms: false }), inputs);
    expect(boxes!.dims).toEqual([5, anchors, 4]);
    expect(scores!.dims).toEqual([5, anchors, 2]);
  });

  it('learns with one sigmoid per class, too', async () => {
    const other = await train('sigmoid', 10);
    const data = squareBatches(detectorOf(other.model), { samples: tests, shuffle: false });
    const report = await evaluate(other.model, data, scoring);
    expect(report.meanAveragePrecisionAt50).toBeGreaterThan(0.6);
    const options = { scoreThreshold: 0.1 };
    const raw = await runModel(runtime, other.model, inputs);
    const expected = decodeDetections(raw.detections!, detectorOf(other.model), options);
    const found = await runModel(runtime, exportDetector(other.model, options), inputs);
    expect(perImage(found, 5)).toEqual(expected.map(rounded));
  }, 120_000);

  it('is refused where it is none', async () => {
    expect(() => exportDetector(backbone())).toThrow(expect.objectContaining({ code: 'TRAIN_MODEL_INVALID' }));
    const data = squareBatches(detectorOf(model), { samples: tests });
    await expect(evaluate(backbone(), data, scoring)).rejects.toMatchObject({
      code: 'TRAIN_MODEL_INVALID',
    });
    const options = { ...scoring, signal: AbortSignal.abort() };
    await expect(evaluate(model, data, options)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

async function* withoutTruth(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  for await (const { keys, inputs, labels } of batches) yield { keys, inputs, labels };
}

interface Rounded {
  boxes: number[];
  scores: number[];
  labels: number[];
}

const round = (values: ArrayLike<number>): number[] => Array.from(values, (value) => Number(value.toFixed(4)));

function rounded({ boxes, scores, labels }: DecodedDetections): Rounded {
  return { boxes: round(boxes), scores: round(scores), labels: [...labels] };
}

/** The outputs of an exported detector, image by image. */
function perImage(found: Readonly<Record<string, Tensor>>, images: number): Rounded[] {
  const {
    boxes,
    scores,
    labels,
    images: owners,
  } = found as Record<string, Tensor<'float32'>> & {
    labels: Tensor<'int64'>;
    images: Tensor<'int64'>;
  };
  return Array.from({ length: images }, (_, image) => {
    const own = [...owners.data.keys()].filter((i) => Number(owners.data[i]) === image);
    return {
      boxes: round(own.flatMap((i) => [...boxes!.data.subarray(4 * i, 4 * i + 4)])),
      scores: round(own.map((i) => scores!.data[i]!)),
      labels: own.map((i) => Number(labels.data[i])),
    };
  });
}
