import { readFile } from 'node:fs/promises';
import { PerceptError } from '@percept/core';
import type { PageFiles } from './http/platform.js';

/**
 * Reads the built page. It lies in `dist/page`, whether this file runs from `src` or has been built into `dist`.
 *
 * @throws PerceptError `SERVE_PAGE_MISSING`
 */
export async function loadPage(): Promise<PageFiles> {
  try {
    const [script, style] = await Promise.all([
      readFile(new URL('../dist/page/page.js', import.meta.url), 'utf8'),
      readFile(new URL('../dist/page/page.css', import.meta.url), 'utf8'),
    ]);
    return { script, style };
  } catch (cause) {
    throw new PerceptError(
      'SERVE_PAGE_MISSING',
      'Expected the built page in dist/page; build or reinstall @percept/serve',
      {
        cause,
      },
    );
  }
}
