// The same small CNN in @jax-js/jax on WebAssembly, the only device that it has in Node; a contestant of train/js. Plain SGD
// stands for Adam, which is in a package of its own that npm does not have: an advantage of jax-js.
// It takes one batch of 16 a round: a whole batch of ours would take minutes.
import { createInterface } from 'node:readline';

// It asks the navigator, which Node has from version 21 on only, how many threads there are.
globalThis.navigator ??= { hardwareConcurrency: 1 };
const {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy: np,
  random,
  valueAndGrad,
} = await import('@jax-js/jax');

const [width1, width2, hidden] = process.argv.slice(2).map(Number);
const batch = 16;
await init('wasm');
defaultDevice('wasm');

let seed = 0;
const normal = (dims, deviation) => random.normal(random.key(seed++), dims).mul(deviation);

/** Convolution without bias, batch normalization, ReLU, max pooling by 2. */
function block(x, kernel, gamma, beta) {
  const y = lax.conv(x, kernel, [1, 1], 'SAME');
  const mean = y.ref.mean([0, 2, 3], { keepdims: true });
  const centred = y.sub(mean);
  const variance = np.square(centred.ref).mean([0, 2, 3], { keepdims: true });
  const scaled = centred
    .div(np.sqrt(variance.add(1e-5)))
    .mul(gamma)
    .add(beta);
  const [n, channels, height, width] = scaled.shape;
  return nn
    .relu(scaled)
    .reshape([n, channels, height / 2, 2, width / 2, 2])
    .max([3, 5]);
}

function loss(parameters, images, labels) {
  const [kernel1, gamma1, beta1, kernel2, gamma2, beta2, weight1, bias1, weight2, bias2] = parameters;
  const features = block(block(images, kernel1, gamma1, beta1), kernel2, gamma2, beta2).reshape([batch, -1]);
  const scores = np.matmul(nn.relu(np.matmul(features, weight1).add(bias1)), weight2).add(bias2);
  return nn
    .logSoftmax(scores)
    .mul(labels)
    .sum()
    .mul(-1 / batch);
}

const step = jit((parameters, images, labels) => {
  const [value, gradients] = valueAndGrad(loss)(
    parameters.map((parameter) => parameter.ref),
    images,
    labels,
  );
  return [value, parameters.map((parameter, at) => parameter.sub(gradients[at].mul(1e-3)))];
});

const flat = width2 * 7 * 7;
let parameters = [
  ...[normal([width1, 1, 3, 3], 0.3), np.ones([1, width1, 1, 1]), np.zeros([1, width1, 1, 1])],
  ...[normal([width2, width1, 3, 3], 0.06), np.ones([1, width2, 1, 1]), np.zeros([1, width2, 1, 1])],
  ...[normal([flat, hidden], 0.02), np.zeros([hidden]), normal([hidden, 10], 0.1), np.zeros([10])],
];
const images = random.uniform(random.key(100), [batch, 1, 28, 28]);
const labels = nn.oneHot(
  np.array(
    Array.from({ length: batch }, (_, at) => at % 10),
    { dtype: np.int32 },
  ),
  10,
);

async function train() {
  const [value, updated] = step(parameters, images.ref, labels.ref);
  await blockUntilReady(updated);
  parameters = updated;
  return (await value.data())[0];
}

const first = await train();
if (!Number.isFinite(first)) throw new Error(`the loss is ${first}`);
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  const started = performance.now();
  await train();
  console.log(JSON.stringify({ value: (batch * 1000) / (performance.now() - started) }));
}
