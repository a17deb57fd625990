import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Assignment, Report } from './engine-process.js';
import type { EngineName } from './engines.js';
import type { Outcome } from './outcome.js';

const secondsPerCase = 60;

/** Runs cases on an engine in child processes; one that crashes or hangs fails its case, and another goes on. */
export async function runEngine(engine: EngineName, folder: string, names: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let left = names;
  while (left.length > 0) {
    const { done, lost } = await runUntilLost({ engine, folder, names: left });
    outcomes.push(...done);
    if (lost !== undefined) outcomes.push(lost);
    const settled = new Set(outcomes.map(({ name }) => name));
    const rest = left.filter((name) => !settled.has(name));
    if (rest.length === left.length) throw new Error(`${engine} does not start`);
    left = rest;
  }
  return outcomes;
}

function runUntilLost(assignment: Assignment): Promise<{ done: Outcome[]; lost?: Outcome }> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('engine-process.ts', import.meta.url)), {
      execArgv: ['--conditions=@percept/source', '--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const done: Outcome[] = [];
    let current: string | undefined;
    let timer: NodeJS.Timeout | undefined;
    let hung = false;
    let lastWords = '';
    child.stderr!.on('data', (chunk) => {
      lastWords = `${lastWords}${chunk}`.slice(-2000);
    });
    child.on('message', (report: Report) => {
      clearTimeout(timer);
      if ('outcome' in report) {
        done.push(report.outcome);
        current = undefined;
        return;
      }
      current = report.begun;
      timer = setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, secondsPerCase * 1000);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (current === undefined) {
        if (done.length === 0) console.error(lastWords);
        return resolve({ done });
      }
      const cause = hung
        ? `no answer within ${secondsPerCase} s`
        : `the process ended (${signal ?? `exit code ${code}`})`;
      resolve({
        done,
        lost: { name: current, result: 'failed', cause, detail: lastWords.trim().split('\n').at(-1) ?? '' },
      });
    });
    child.send(assignment);
  });
}
