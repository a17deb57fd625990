import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root } from './repository.js';
import { type LoopFigures, runLoop } from './run-loop.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Output folder of the quick loop. */
    loopFolder: string;
    /** Its figures on a first run. */
    loopFigures: LoopFigures;
  }
}

/** Runs the loop once on a tenth of the pictures; the tests of the example and of its page stand on what it leaves. */
export default async function setup(project: TestProject): Promise<void> {
  const folder = join(root, '.cache', 'quick-loop');
  rmSync(folder, { recursive: true, force: true });
  const { code, errors, figures } = await runLoop(['--quick', '--no-serve', '--out', folder, '--port', '0']);
  if (code !== 0) throw new Error(`The quick loop ended with ${code}:\n${errors}`);
  project.provide('loopFolder', folder);
  project.provide('loopFigures', figures);
}
