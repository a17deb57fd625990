import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageNames, read, root } from '../setup/repository.js';

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`),
  ...packageNames.map((name) => `packages/${name}/README.md`),
];

describe('documentation', () => {
  it.each(pages)('every relative link of %s leads to a file', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1]!);
    const missing = links.filter((link) => !existsSync(join(root, dirname(page), decodeURI(link))));
    expect(missing).toEqual([]);
  });

  it('names every package in the tables of README.md and ARCHITECTURE.md', () => {
    for (const name of packageNames) {
      expect(read('README.md')).toContain(`packages/${name}`);
      expect(read('ARCHITECTURE.md')).toContain(`packages/${name}`);
    }
  });
});
