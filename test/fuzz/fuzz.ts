import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, Request } from './case-runner.js';

/** A case that failed. */
export interface Failure {
  readonly target: string;
  readonly index: number;
  readonly reason: string;
  /** Where its bytes are. */
  readonly file: string;
}

/** What came of a run, by target. */
export interface FuzzReport {
  readonly passed: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
}

/** Options of {@link fuzz}. */
export interface FuzzOptions {
  readonly targets: readonly string[];
  /** Cases of each target: `from` (default 0) to `to`. */
  readonly from?: number;
  readonly to: number;
  readonly seed: number;
  /** Processes. Default: as many as there are cores. */
  readonly processes?: number;
  /** A process that stays at one case for this many milliseconds is stopped. Default 15000: a slow case has three tries. */
  readonly patience?: number;
}

/** Cases that a process is given at a time. */
const chunk = 250;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Names of all targets. */
export function targetNames(): string[] {
  return readdirSync(here('targets'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3))
    .sort();
}

/** Runs the cases of some targets, spread over processes that may crash and hang. */
export async function fuzz({
  targets,
  from = 0,
  to,
  seed,
  processes = availableParallelism(),
  patience = 15_000,
}: FuzzOptions): Promise<FuzzReport> {
  const work: Request[] = [];
  for (let start = from; start < to; start += chunk) {
    for (const target of targets)
      work.push({ kind: 'run', target, seed, from: start, to: Math.min(start + chunk, to) });
  }
  const failures: Failure[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'percept-fuzz-'));
  const count = Math.min(processes, work.length);
  try {
    await Promise.all(
      Array.from({ length: count }, async (_, number) => {
        const runner = new Runner(join(folder, String(number)), patience);
        try {
          for (let request = work.shift(); request !== undefined; request = work.shift()) {
            failures.push(...(await runAll(runner, request as RunRequest)));
          }
        } finally {
          runner.stop();
        }
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const passed = targets.map((target) => [
    target,
    to - from - new Set(failures.filter((failure) => failure.target === target).map(({ index }) => index)).size,
  ]);
  return { passed: Object.fromEntries(passed), failures };
}

type RunRequest = Extract<Request, { kind: 'run' }>;

/** Runs a chunk of cases, going on behind every one that takes the process down. */
async function runAll(runner: Runner, request: RunRequest): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (let from = request.from; from < request.to; ) {
    const { failed, stoppedAt } = await runner.run({ ...request, from });
    for (const { index, reason } of failed) failures.push(await save(runner, request, index, reason));
    if (stoppedAt === undefined) break;
    from = stoppedAt + 1;
  }
  return failures;
}

/** Writes the input of a failed case where it can be looked at. */
async function save(runner: Runner, { target, seed }: RunRequest, index: number, reason: string): Promise<Failure> {
  const folder = here('../../.cache/fuzz');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${basename(target)}-${seed}-${index}`);
  await runner.run({ kind: 'save', target, seed, index, file });
  return { target, index, reason, file };
}

/** A process for cases, started when it is needed. */
class Runner {
  #child: ChildProcess | undefined;
  readonly #marker: string;
  readonly #patience: number;

  constructor(marker: string, patience: number) {
    this.#marker = marker;
    this.#patience = patience;
    writeFileSync(marker, new Float64Array(1));
  }

  /** The cases that failed, and the one that took the process down, if one did. */
  async run(request: Request): Promise<{ failed: { index: number; reason: string }[]; stoppedAt?: number }> {
    this.#child ??= fork(here('case-runner.ts'), [this.#marker], {
      execArgv: ['--import', 'tsx', '--conditions=@percept/source', '--max-old-space-size=1024'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const child = this.#child;
    writeFileSync(this.#marker, Float64Array.of(-1), { flag: 'r+' });
    const failed: { index: number; reason: string }[] = [];
    const end = await new Promise<'done' | string>((resolve) => {
      let errors = '';
      const watch = this.#watch(() => {
        child.kill('SIGKILL');
        settle(`it did not end within ${this.#patience / 1000} s`);
      });
      const onMessage = (answer: Answer): void => {
        if (answer.kind === 'done') settle('done');
        else failed.push(answer);
      };
      const onErrors = (text: Buffer): void => {
        errors = (errors + text).slice(-2000);
      };
      const onExit = (code: number | null, signal: string | null): void =>
        settle(`it ended its process (${signal ?? code})\n${errors}`);
      const settle = (how: string): void => {
        clearInterval(watch);
        child.off('message', onMessage);
        child.off('exit', onExit);
        child.stderr!.off('data', onErrors);
        resolve(how);
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.stderr!.on('data', onErrors);
      child.send(request);
    });
    if (end === 'done') return { failed };
    this.#child = undefined;
    const index = this.#current();
    if (index < 0) throw new Error(`The cases of ${request.target} could not be run: ${end}`);
    return { failed: [...failed, { index, reason: end }], stoppedAt: index };
  }

  stop(): void {
    this.#child?.kill();
  }

  /** The case that the process is at; -1 between cases. */
  #current(): number {
    const file = openSync(this.#marker, 'r');
    const index = new Float64Array(1);
    readSync(file, index, 0, 8, 0);
    closeSync(file);
    return index[0]!;
  }

  #watch(onHang: () => void): NodeJS.Timeout {
    let last = this.#current();
    let since = Date.now();
    return setInterval(() => {
      const index = this.#current();
      if (index !== last) {
        last = index;
        since = Date.now();
      } else if (index >= 0 && Date.now() - since > this.#patience) onHang();
    }, 250);
  }
}
