import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './repository.js';

/** The last line of `npm start -- --no-serve`. */
export interface LoopFigures {
  top1: number;
  int8Top1: number;
  floatBytes: number;
  int8Bytes: number;
  driftBefore: number;
  driftAfter: number;
  retrainedTop1: number;
  failedRequests: number;
  seconds: number;
}

/** Starts the example as `npm start` does, without installing and building again. */
export function startLoop(args: string[]): ChildProcess {
  const main = join(root, 'examples', 'clothing-loop', 'src', 'main.ts');
  return spawn(process.execPath, ['--import', 'tsx', main, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs the example to its end. */
export async function runLoop(
  args: string[],
): Promise<{ code: number | null; output: string; errors: string; figures: LoopFigures }> {
  const child = startLoop(args);
  let output = '';
  let errors = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    errors += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  return { code, output, errors, figures: (last.startsWith('{') ? JSON.parse(last) : {}) as LoopFigures };
}
