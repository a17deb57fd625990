import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keyedRandom } from '@percept/core';
import { afterAll, expect, it } from 'vitest';

const kills = 50;
const program = fileURLToPath(new URL('../setup/killed-training.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'percept-killed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ends with the last line of a training, or with `undefined` when it was killed. */
async function train(at: string, flags: string[], onStart: (child: ChildProcess) => void): Promise<string | undefined> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, at, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  onStart(child);
  await ended;
  if (child.signalCode === 'SIGKILL') return undefined;
  expect(child.exitCode, errors).toBe(0);
  return output.trim().split('\n').at(-1);
}

it(`ends with the same bits after kill -9 at ${kills} random moments`, async () => {
  const started = Date.now();
  const whole = await train(folder, ['--whole'], () => undefined);
  const seconds = (Date.now() - started) / 1000;
  const moments = keyedRandom('moments of killing');
  let finished = 0;
  for (let killed = 0, round = 0; killed < kills || finished === 0; ) {
    const at = join(folder, String(round));
    const result = await train(at, [], (child) => {
      if (killed >= kills) return;
      void sleep(moments.uniform(0.2, Math.min(seconds, 6)) * 1000).then(() => child.kill('SIGKILL'));
    });
    if (result === undefined) {
      killed++;
      continue;
    }
    expect(result).toBe(whole);
    finished++;
    round++;
  }
});
