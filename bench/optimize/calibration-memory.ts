// How much memory calibrating takes on 10,000 images beside 100, CIFAR ResNet-20 on images of 32 × 32 in batches of 50, for each
// way to find ranges. Every figure is the peak resident memory of a process of its own that does nothing else. The ratio is 100
// images over 10,000; it should not fall below 0.5. `--images N` calibrates on fewer.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keyedRandom, tensor } from '@percept/core';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { quantizeStatic } from '@percept/optimize';
import { cifarResnet } from '@percept/train';
import { printResult, type Row } from '../harness/result.js';

const option = (name: string): string | undefined =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined;
const methods = ['min-max', 'moving-average', 'percentile', 'entropy', 'mse'] as const;
const images = Number(option('--images') ?? 10_000);
const batch = 50;

/** Calibrates, and gives the peak resident memory of this process in MB. */
async function calibrated(method: (typeof methods)[number]): Promise<number> {
  const random = keyedRandom('calibration-memory');
  const calibration = (async function* () {
    for (let from = 0; from < images; from += batch) {
      const data = new Float32Array(batch * 3 * 32 * 32);
      random.fill(data);
      yield tensor('float32', [batch, 3, 32, 32], data);
    }
  })();
  const runtime = onnxruntimeNode({ worker: false });
  await quantizeStatic(cifarResnet({ classes: 10, depth: 20 }), { calibration, runtime, method: { method } });
  return process.resourceUsage().maxRSS / 1024;
}

/** The same in a process of its own. */
function peak(method: string, count: number): number {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), '--method', method, '--images', String(count)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`calibrating with ${method} failed: ${stderr.trim().split('\n').at(-1)}`);
  return Number(stdout.trim().split('\n').at(-1));
}

const method = methods.find((name) => name === option('--method'));
if (method !== undefined) {
  console.log(await calibrated(method));
} else {
  const rows = methods.map((name): Row => {
    const [ours, few] = [peak(name, images), peak(name, 100)];
    return { row: `${name}, ${images} images beside 100`, ours, peer: few, ratio: few / ours, unit: 'MB', floor: 0.5 };
  });
  printResult('optimize/calibration-memory', rows);
}
