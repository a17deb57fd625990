import { readFile } from 'node:fs/promises';
import type { PageFiles } from './http/platform.js';

/** Reads the built page. It lies in `dist/page`, whether this file runs from `src` or has been built into `dist`. */
export async function loadPage(): Promise<PageFiles> {
  const [script, style] = await Promise.all(
    [new URL('../dist/page/page.js', import.meta.url), new URL('../dist/page/page.css', import.meta.url)].map((file) =>
      readFile(file, 'utf8'),
    ),
  );
  return { script: script!, style: style! };
}
