import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** A process that waits until it is told to run a round, and then answers with one line of JSON. */
export interface Contestant {
  readonly name: string;
  /** Runs one round while the others wait; the figure it reports. */
  round(): Promise<number>;
  close(): void;
}

/**
 * Starts a contestant. The process prints `ready` when it is warmed up; then for every line `run` on its standard input
 * it does a round and prints `{"value": number}`. Resolves with the reason (a string) when it cannot start.
 */
export async function startContestant(
  name: string,
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Contestant | string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const lines = createInterface({ input: child.stdout });
  try {
    await nextLine(child, lines, (line) => line === 'ready');
  } catch (error) {
    return `${name} did not start: ${(error as Error).message}${errors.trim().split('\n').slice(-3).join(' | ')}`;
  }
  return {
    name,
    async round() {
      const answer = nextLine(child, lines, (line) => line.startsWith('{'));
      child.stdin.write('run\n');
      return (JSON.parse(await answer) as { value: number }).value;
    },
    close() {
      child.kill();
    },
  };
}

function nextLine(child: ChildProcess, lines: Interface, wanted: (line: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      lines.off('line', onLine);
      child.off('exit', onExit);
      child.off('error', onError);
      end();
    };
    const onLine = (line: string) => {
      if (wanted(line)) settle(() => resolve(line));
    };
    const onExit = (code: number | null) => settle(() => reject(new Error(`it ended with ${code}. `)));
    const onError = (error: Error) => settle(() => reject(error));
    lines.on('line', onLine);
    child.on('exit', onExit);
    child.on('error', onError);
  });
}

/** Lets the contestants run in turn (A B C A B C …) and gives each one's median. */
export async function interleave(contestants: readonly Contestant[], rounds: number): Promise<Map<string, number>> {
  const figures = new Map(contestants.map((contestant) => [contestant.name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) figures.get(contestant.name)!.push(await contestant.round());
  }
  return new Map([...figures].map(([name, values]) => [name, median(values)]));
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
