// Runs a model file on one image at a time; a contestant. A round is as many runs as take about a second, and its figure their
// median in milliseconds.
//
// Arguments: FILE THREADS [wasm]
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { keyedRandom, tensor } from '@percept/core';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { onnxruntimeWeb } from '@percept/onnx/backends/web';
import { imageSize } from './int8.networks.js';

const [file, threads, where] = process.argv.slice(2) as [string, string, string?];
const runtime = where === 'wasm' ? onnxruntimeWeb({ worker: false }) : onnxruntimeNode({ worker: false });
const session = await runtime.createSession(readFileSync(file), { threads: Number(threads) });
const random = keyedRandom('image');
const pixels = Float32Array.from({ length: 3 * imageSize ** 2 }, () => random.normal());
const image = { [session.inputs[0]!.name]: tensor('float32', [1, 3, imageSize, imageSize], pixels) };

const once = async (): Promise<number> => {
  const started = performance.now();
  await session.run(image);
  return performance.now() - started;
};

for (let run = 0; run < 3; run++) await once();
const runs = Math.max(5, Math.round(1000 / (await once())));
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await once());
  console.log(JSON.stringify({ value: times.sort((a, b) => a - b)[runs >> 1] }));
}
