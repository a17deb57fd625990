// ResNet-18 for 32×32 images as a LayersModel on @tensorflow/tfjs-node, trained as networks.ts says, but for weight decay,
// which its optimizers do not have: an advantage of the peer. A contestant of train/tfjs-node.
//
// Arguments: FOLDER of the peer, BATCH STEPS. Its threads are set by TF_NUM_INTRAOP_THREADS and TF_NUM_INTEROP_THREADS.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [folder, ...sizes] = process.argv.slice(2);
const [batch, steps] = sizes.map(Number);
const tf = createRequire(join(folder, 'package.json'))('@tensorflow/tfjs-node');

const convolution = (x, filters, kernelSize, strides) => {
  const options = { filters, kernelSize, strides, padding: 'same', useBias: false };
  return tf.layers.batchNormalization().apply(tf.layers.conv2d(options).apply(x));
};
const relu = (x) => tf.layers.reLU().apply(x);

function block(x, filters, stride) {
  const from = x.shape.at(-1);
  const residual = convolution(relu(convolution(x, filters, 3, stride)), filters, 3, 1);
  const shortcut = stride !== 1 || from !== filters ? convolution(x, filters, 1, stride) : x;
  return relu(tf.layers.add().apply([residual, shortcut]));
}

const inputs = tf.input({ shape: [32, 32, 3] });
let x = relu(convolution(inputs, 64, 3, 1));
for (const [stage, filters] of [64, 128, 256, 512].entries()) {
  x = block(x, filters, stage === 0 ? 1 : 2);
  x = block(x, filters, 1);
}
const pooled = tf.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }).apply(x);
const model = tf.model({ inputs, outputs: tf.layers.dense({ units: 10, activation: 'softmax' }).apply(pooled) });
model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: 'categoricalCrossentropy' });

const images = tf.randomUniform([batch, 32, 32, 3]);
const labels = tf.oneHot(tf.randomUniform([batch], 0, 10, 'int32'), 10);

const loss = await model.trainOnBatch(images, labels);
if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  const started = performance.now();
  for (let step = 0; step < steps; step++) await model.trainOnBatch(images, labels);
  console.log(JSON.stringify({ value: (steps * batch * 1000) / (performance.now() - started) }));
}
