// How long the main thread's event loop is held up while a session runs flat out: MobileNetV2 on onnxruntime-node, on all
// cores, in a worker of its own, with the lag of an idle process beside it and that of a session without a worker. The lag
// is what perf_hooks.monitorEventLoopDelay tells beyond its interval of 1 ms.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { tensor } from '@percept/core';
import type { Session } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { textTable } from '@percept/report';
import { describeMachine } from '../harness/machine.js';

const barMs = 20;
const data = process.env.PERCEPT_DATA ?? '';
const file = join(data, 'models/imagenet/mobilenetv2_1.0_224_fp32.onnx');

interface Lag {
  readonly while: string;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly runsPerSecond: number;
}

/** The lag of this thread's event loop in milliseconds while `runs` counts what is done meanwhile. */
async function measure(name: string, seconds: number, work: (until: number) => Promise<number>): Promise<Lag> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await pause(50);
  delay.enable();
  const started = performance.now();
  const runs = await work(started + seconds * 1000);
  const elapsed = (performance.now() - started) / 1000;
  delay.disable();
  const lag = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - 1);
  return {
    while: name,
    p50: lag(delay.percentile(50)),
    p99: lag(delay.percentile(99)),
    max: lag(delay.max),
    runsPerSecond: runs / elapsed,
  };
}

/** Runs a session flat out: there is always a run that waits for the one under way. */
async function runUntil(session: Session, until: number): Promise<number> {
  const input = session.inputs[0]!.name;
  const x = tensor('float32', [1, 3, 224, 224]);
  let runs = 0;
  const loop = async (): Promise<void> => {
    for (; performance.now() < until; runs++) await session.run({ [input]: x });
  };
  await Promise.all([loop(), loop()]);
  return runs;
}

if (!existsSync(file)) {
  console.error(`Expected a real model; set PERCEPT_DATA to the folder that holds models/`);
  process.exit(2);
}
const model = readFileSync(file);
const lags: Lag[] = [await measure('idle', 3, async (until) => pause(until - performance.now(), 0))];
for (const [name, worker, seconds] of [
  ['a session in its worker', true, 8],
  ['a session in this thread', false, 4],
] as const) {
  const session = await onnxruntimeNode({ worker }).createSession(model);
  await session.warmUp({ runs: 3 });
  lags.push(await measure(name, seconds, (until) => runUntil(session, until)));
  await session.close();
}
console.log(`\n${describeMachine()}\n`);
console.log(
  textTable(
    lags.map((lag) => ({
      while: lag.while,
      'p50 ms': lag.p50.toFixed(2),
      'p99 ms': lag.p99.toFixed(2),
      'max ms': lag.max.toFixed(1),
      'runs/s': lag.runsPerSecond === 0 ? '' : lag.runsPerSecond.toFixed(1),
    })),
  ),
);
const { p99 } = lags[1]!;
console.log(JSON.stringify({ name: 'onnx/event-loop', p99, unit: 'ms', below: barMs, met: p99 < barMs, rows: lags }));
