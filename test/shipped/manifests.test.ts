import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';
import { manifestOf, packageNames, root } from '../setup/repository.js';

const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');

describe('what is published', () => {
  it.each(packageNames)('publint finds nothing in %s', async (name) => {
    const { messages, pkg } = await publint({ pkgDir: join(root, 'packages', name), strict: true, pack: 'npm' });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it.each(packageNames)('the types of %s resolve for every ESM consumer', (name) => {
    const tarball = readdirSync(inject('tarballs')).find((file) => file.startsWith(`percept-${name}-`))!;
    const check = () =>
      execFileSync(process.execPath, [attw, join(inject('tarballs'), tarball), '--profile', 'esm-only', '--no-color'], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(check).not.toThrow();
  });

  it.each(packageNames)('%s ends every export with a default and puts the source first', (name) => {
    for (const entry of Object.values(manifestOf(name).exports)) {
      const conditions = Object.keys(entry as object);
      expect(conditions[0]).toBe('@percept/source');
      expect(conditions.at(-1)).toBe('default');
    }
  });

  it.each(packageNames)('%s makes every peer optional', (name) => {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifestOf(name);
    for (const peer of Object.keys(peerDependencies)) expect(peerDependenciesMeta[peer]?.optional, peer).toBe(true);
  });
});
