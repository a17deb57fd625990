// What onnxruntime-node's providers for GPUs really do on this machine: which are there, whether they do what a session
// promises, and how fast they are beside the CPU. `npm run bench -- gpu`. It needs no network; without a GPU it says what is
// missing. CUDA and TensorRT need the libraries that onnxruntime-node fetches in its install script.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from '@percept/core';
import { readEpContexts, readModel, type Session } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { textTable } from '@percept/report';
import { checks } from './gpu.checks.js';
import { type GpuModel, gpuModels } from './gpu.models.js';
import { describeMachine } from './harness/machine.js';

const runtime = onnxruntimeNode();
const models = gpuModels();
const candidates = ['cuda', 'tensorrt', 'webgpu', 'coreml', 'dml'];

console.log(`\n${describeMachine()}\n${gpus()}\n`);
const present: string[] = [];
for (const provider of candidates) {
  const missing = await lacking(provider);
  if (missing === undefined) present.push(provider);
  console.log(`${provider}: ${missing ?? 'here'}`);
}
if (present.length === 0) {
  console.log('\nNothing ran: no provider for a GPU is here.');
} else {
  const failed = await runChecks();
  await runTimings();
  if (present.includes('tensorrt')) await tryEngines();
  process.exitCode = failed === 0 ? 0 : 1;
}

/** The GPUs that NVIDIA's driver tells of. */
function gpus(): string {
  const { status, stdout } = spawnSync(
    'nvidia-smi',
    ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'],
    { encoding: 'utf8' },
  );
  return status === 0 ? stdout.trim() : 'no NVIDIA driver (nvidia-smi)';
}

async function lacking(provider: string): Promise<string | undefined> {
  try {
    const session = await runtime.createSession(models.at(-1)!.bytes, { executionProviders: [provider] });
    await session.close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function runChecks(): Promise<number> {
  let failed = 0;
  console.log('');
  for (const provider of present) {
    for (const [name, check] of Object.entries(checks)) {
      const outcome = await check(runtime, provider).then(
        () => 'passed',
        (error: Error) => `FAILED: ${error.message}`,
      );
      if (outcome !== 'passed') failed++;
      console.log(`${provider} ${name}: ${outcome}`);
    }
  }
  return failed;
}

/** Milliseconds of a run (median of 20, or of what 10 seconds allow, after warming up), and what it answers. */
async function time(
  session: Session,
  { shape }: GpuModel,
  batch: number,
): Promise<{ ms: number; answer: Float32Array }> {
  const x = tensor('float32', [batch, ...shape]);
  for (let at = 0; at < x.data.length; at++) x.data[at] = ((at * 0.618034) % 1) * 2 - 1;
  const feeds = { [session.inputs[0]!.name]: x };
  const output = session.outputs[0]!.name;
  const times: number[] = [];
  let answer = new Float32Array();
  await session.run(feeds);
  const began = performance.now();
  for (let round = 0; round < 25 && (round < 3 || performance.now() - began < 10_000); round++) {
    const started = performance.now();
    answer = (await session.run(feeds))[output]!.data as Float32Array<ArrayBuffer>;
    if (round >= 5 || performance.now() - began > 5000) times.push(performance.now() - started);
  }
  return { ms: times.sort((a, b) => a - b)[times.length >> 1]!, answer };
}

async function runTimings(): Promise<void> {
  const rows: Record<string, string | number>[] = [];
  for (const model of models) {
    for (const batch of [1, 16]) {
      let onCpu: { ms: number; answer: Float32Array } | undefined;
      for (const provider of ['cpu', ...present]) {
        const began = performance.now();
        const session = await runtime.createSession(model.bytes, { executionProviders: [provider] });
        const openMs = performance.now() - began;
        const timed = await time(session, model, batch);
        await session.close();
        onCpu ??= timed;
        rows.push({
          model: model.name,
          batch,
          provider: session.provider,
          'nodes on the CPU': provider === 'cpu' ? 'all' : nodesOnCpu(session),
          'open ms': Math.round(openMs),
          'run ms': timed.ms.toFixed(2),
          'faster than cpu': `${(onCpu.ms / timed.ms).toFixed(1)}x`,
          'images/s': Math.round((batch * 1000) / timed.ms),
          'farthest from cpu': farthest(timed.answer, onCpu.answer).toExponential(1),
        });
      }
    }
  }
  console.log(`\n${textTable(rows)}`);
  console.log(JSON.stringify({ name: 'gpu', providers: present, rows }));
}

function nodesOnCpu({ cpuFallback }: Session): string {
  if (cpuFallback === undefined) return 'not known';
  return cpuFallback ? 'some' : 'none';
}

function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0);
}

/** Has TensorRT keep its engine in an EPContext model, and opens that: is it there, and how much sooner? */
async function tryEngines(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'percept-gpu-'));
  try {
    const path = join(folder, 'engine.onnx');
    const model = models[0]!;
    const open = async (bytes: Uint8Array, configEntries: Record<string, string>) => {
      const began = performance.now();
      const session = await runtime.createSession(bytes, { executionProviders: ['tensorrt'], configEntries });
      await session.warmUp();
      await session.close();
      return Math.round(performance.now() - began);
    };
    const fresh = await open(model.bytes, {
      'ep.context_enable': '1',
      'ep.context_embed_mode': '1',
      'ep.context_file_path': path,
    });
    if (!existsSync(path)) {
      console.log('\nTensorRT wrote no EPContext model: the Node package does not pass ep.context_enable on');
      return;
    }
    const bytes = readFileSync(path);
    const engines = readEpContexts(readModel(bytes)).map(({ source, hardware, engine }) => [
      source,
      hardware,
      engine?.length,
    ]);
    console.log(`\nEPContext model of TensorRT: ${JSON.stringify(engines)}`);
    console.log(`opened and warmed up in ${await open(bytes, {})} ms, the model itself in ${fresh} ms`);
  } catch (error) {
    console.log(`\nEPContext model of TensorRT: ${(error as Error).message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
