// The same small CNN and optimizer in @tensorflow/tfjs on its pure-JS cpu backend; a contestant of train/js.
// It takes one batch of 16 a round: a whole batch of ours would take minutes.
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs';

const [width1, width2, hidden] = process.argv.slice(2).map(Number);
const batch = 16;
await tf.setBackend('cpu');

const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [28, 28, 1], filters: width1, kernelSize: 3, padding: 'same', useBias: false }),
    tf.layers.batchNormalization(),
    tf.layers.reLU(),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: width2, kernelSize: 3, padding: 'same', useBias: false }),
    tf.layers.batchNormalization(),
    tf.layers.reLU(),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: hidden, activation: 'relu' }),
    tf.layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy' });
const images = tf.randomUniform([batch, 28, 28, 1]);
const labels = tf.oneHot(tf.randomUniform([batch], 0, 10, 'int32'), 10);

await model.trainOnBatch(images, labels);
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  const started = performance.now();
  await model.trainOnBatch(images, labels);
  console.log(JSON.stringify({ value: (batch * 1000) / (performance.now() - started) }));
}
