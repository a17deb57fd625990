import { fileURLToPath } from 'node:url';
import { type Contestant, interleave, startContestant } from '../harness/contestant.js';

const program = fileURLToPath(new URL('run-model.ts', import.meta.url));

/** Medians in milliseconds per image of model files that run in turns, each in a process of its own. */
export async function race(
  files: Readonly<Record<string, string>>,
  { threads, rounds, where }: { threads: number; rounds: number; where?: 'wasm' },
): Promise<ReadonlyMap<string, number>> {
  const present: Contestant[] = [];
  for (const [name, file] of Object.entries(files)) {
    const args = ['--import', 'tsx', program, file, String(threads), ...(where === undefined ? [] : [where])];
    const started = await startContestant(name, process.execPath, args);
    if (typeof started === 'string') throw new Error(started);
    present.push(started);
  }
  const found = await interleave(present, rounds);
  for (const contestant of present) contestant.close();
  return found;
}
