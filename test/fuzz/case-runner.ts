// The process that treats the cases. It notes the case that it is at in a file before it begins it, so that the process
// that watches it can tell which one crashed or hangs.
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { isPerceptError } from '@percept/core';
import { type Cases, loadCases } from './cases.js';

/** What the watching process asks for: cases `from` to `to`, or the bytes of one of them in a file. */
export type Request =
  | { kind: 'run'; target: string; seed: number; from: number; to: number }
  | { kind: 'save'; target: string; seed: number; index: number; file: string };

/** What it is told. */
export type Answer = { kind: 'failed'; index: number; reason: string } | { kind: 'done' };

/** A case may take this long, in milliseconds. */
const limit = 1000;

const marker = openSync(process.argv[2]!, 'r+');
const loaded = new Map<string, Promise<Cases>>();
let current = -1;

function send(answer: Answer): void {
  process.send!(answer);
}

process.on('message', (request: Request) => void serve(request));
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) =>
    send({ kind: 'failed', index: current, reason: `${event}: ${describe(error)}` }),
  );
}

async function serve(request: Request): Promise<void> {
  const { target: name, seed } = request;
  const key = `${seed} ${name}`;
  if (!loaded.has(key)) loaded.set(key, loadCases(name, seed));
  const cases = await loaded.get(key)!;
  if (request.kind === 'save') {
    writeFileSync(request.file, cases.input(request.index));
  } else {
    for (let index = request.from; index < request.to; index++) {
      mark(index);
      const reason = await runCase(cases, index);
      if (reason !== undefined) send({ kind: 'failed', index, reason });
    }
  }
  mark(-1);
  send({ kind: 'done' });
}

function mark(index: number): void {
  current = index;
  writeSync(marker, Float64Array.of(index), 0, 8, 0);
}

/** Why a case failed, if it did. One that was slow is tried again, since the machine may have been busy. */
async function runCase(cases: Cases, index: number): Promise<string | undefined> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const bytes = cases.input(index);
    const started = performance.now();
    try {
      await cases.target.run(bytes);
    } catch (error) {
      if (!isPerceptError(error)) return describe(error);
      if (!/^[A-Z]+(_[A-Z0-9]+)+$|^ABORTED$/.test(error.code)) return `a PerceptError with code ${error.code}`;
    }
    if (performance.now() - started <= limit) return undefined;
  }
  return `it took over ${limit} ms three times`;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = (error.stack ?? error.message).split('\n').slice(0, 6).join('\n');
  return error.cause === undefined ? text : `${text}\ncaused by ${describe(error.cause)}`;
}
