// Accuracy of a detector that @percept/train trains on the processor: SSDLite on a MobileNetV2 that knows ImageNet, blood
// cells of the BCCD data, official split: trained on train and val (292 photos), scored on test (72 photos).
//
// Arguments: EPOCHS (6) THREADS (2). Needs PERCEPT_DATA. The goal: mAP@50 over the three classes of at least 0.75 within
// 30 minutes on two cores.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreprocessSpec } from '@percept/core';
import { preprocessBatch } from '@percept/image';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { extractSubgraph } from '@percept/onnx/graph';
import {
  adamw,
  cosineAnnealingLR,
  detectionBatches,
  detectorOf,
  evaluate,
  fitAnchors,
  freeze,
  fromOnnx,
  ssdAugmentation,
  ssdLite,
  ssdLoss,
  Trainer,
  warmUp,
} from '@percept/train';
import { describeMachine } from '../harness/machine.js';
import { classes, readBccd } from './bccd.data.js';

const [epochs, threads] = [process.argv[2] ?? 6, process.argv[3] ?? 2].map(Number) as [number, number];
const folder = process.env.PERCEPT_DATA ?? '';
const archive = join(folder, 'detection-segmentation/bccd-blood-cells.tar');
if (!existsSync(archive)) {
  console.error(`Expected ${archive}; set PERCEPT_DATA to the folder that holds detection-segmentation/`);
  process.exit(2);
}
const { train, test } = await readBccd(archive, { train: 'trainval', test: 'test' });

// Anchors that fit these cells, three at every position: platelets are 40 pixels of 640, white cells 220.
const [width, height] = [320, 240];
const sides = train.flatMap(({ boxes }) =>
  Array.from({ length: boxes.length / 4 }, (_, i) => [
    (boxes[4 * i + 2]! - boxes[4 * i]!) / 640,
    (boxes[4 * i + 3]! - boxes[4 * i + 1]!) / 480,
  ]),
);
const { shapes, meanIou } = fitAnchors(sides.flat(), { perLevel: [3, 3, 3] });

// The last values of strides 8, 16 and 32. What comes before the first stays as ImageNet taught it.
const featureMaps = ['y22_act', 'y48_act', 'y62_act'];
const backbone = fromOnnx(readFileSync(join(folder, 'models/imagenet/mobilenetv2_1.0_224_fp32.onnx')));
const model = ssdLite({
  classes: classes.length,
  backbone,
  size: [height, width],
  featureMaps,
  extraChannels: [],
  anchors: shapes,
  seed: 1,
});
const early = extractSubgraph(model, {
  inputs: model.graph.inputs.map(({ name }) => name),
  outputs: featureMaps.slice(0, 1),
}).graph.initializers;
const frozen = freeze(
  model,
  [...early].filter(([, { dims }]) => dims.length > 0).map(([name]) => name),
);

const preprocess: PreprocessSpec = {
  color: 'rgb',
  resize: { mode: 'exact', width, height },
  scale: 1 / 127.5,
  mean: [1, 1, 1],
  std: [1, 1, 1],
};
const detector = detectorOf(model);
const shared = { classes, detector, toTensor: (images) => preprocessBatch(images, preprocess) } satisfies Partial<
  Parameters<typeof detectionBatches>[0]
>;
const data = detectionBatches({
  ...shared,
  samples: train,
  batchSize: 4,
  // Cells have no up and one size.
  augment: ssdAugmentation({
    color: 0.2,
    zoomOut: { probability: 0 },
    crop: { probability: 0.4, smallest: 0.6 },
    verticalFlip: 0.5,
  }),
});

const [start, cpu] = [performance.now(), process.cpuUsage()];
const minutes = (): number => (performance.now() - start) / 60_000;
const steps = epochs * data.batchesPerEpoch;
const rise = Math.min(50, Math.floor(steps / 10));
const trained = await new Trainer({
  model,
  data,
  epochs,
  threads,
  freeze: frozen,
  loss: ssdLoss(),
  // The new layers learn ten times as fast as the backbone.
  optimizer: adamw({
    learningRate: 3e-3,
    weightDecay: 1e-4,
    decayed: 'matrices',
    groups: [{ pattern: /^(?!heads\.)/, learningRateFactor: 0.1 }],
  }),
  schedule: warmUp(cosineAnnealingLR({ tMax: steps - rise, unit: 'steps' }), {
    length: rise,
    startFactor: 0.02,
    unit: 'steps',
  }),
  metadata: { preprocess },
  callbacks: [
    {
      onEpochEnd({ epoch, trainLoss }) {
        console.log(`epoch ${epoch}: loss ${trainLoss.toFixed(3)}, ${minutes().toFixed(1)} minutes`);
        return undefined;
      },
    },
  ],
}).fit();
const took = minutes();
const { user, system } = process.cpuUsage(cpu);

const report = await evaluate(
  trained.model,
  detectionBatches({ ...shared, samples: test, batchSize: 8, shuffle: false }),
  { task: 'detection', runtime: onnxruntimeNode(), threads },
);
const round = (value: number): number => Number(value.toFixed(4));
console.log(`\n${describeMachine()}\n`);
for (const [index, { objects, averagePrecisionAt50 }] of report.perClass.entries()) {
  console.log(`${classes[index]}: AP@50 ${round(averagePrecisionAt50)} of ${objects} objects`);
}
console.log(
  JSON.stringify({
    name: 'accuracy/bccd',
    mapAt50: round(report.meanAveragePrecisionAt50),
    map: round(report.meanAveragePrecision),
    minutes: round(took),
    processorMinutes: round((user + system) / 6e7),
    epochs,
    threads,
    anchorIou: round(meanIou),
  }),
);
