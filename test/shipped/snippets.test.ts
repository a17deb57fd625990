import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { packageNames, read } from '../setup/repository.js';

/**
 * Every ```js block of the READMEs is a whole program: it is written into an empty folder beside the installed tarballs
 * and must end well, as printed. Blocks in other languages (`ts`, `sh`, `html`) are not run.
 */
const pages = ['README.md', ...packageNames.map((name) => `packages/${name}/README.md`)];
const programs = pages.flatMap((page) =>
  [...read(page).matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match, index) => ({
    page,
    index: index + 1,
    code: match[1]!,
  })),
);

describe('programs in the documentation', () => {
  it('exist in every README', () => {
    expect(pages.filter((page) => !programs.some((program) => program.page === page))).toEqual([]);
  });

  it('show the whole loop of the front page in 30 lines', () => {
    const front = programs.find((program) => program.page === 'README.md')!;
    expect(front.code.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
  });

  it.each(programs)('program $index of $page runs as printed', async ({ page, index, code }) => {
    const folder = join(inject('installed'), 'programs', `${page.replaceAll('/', '-')}-${index}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'program.mjs'), code);
    const { stderr } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder, timeout: 300_000 });
    expect(stderr).not.toMatch(/Error|Warning/);
  });
});
