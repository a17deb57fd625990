// Creates the virtual environment of a Python peer from its pinned list, or installs the npm peers:
//   node bench/peers/create.mjs torch      → .cache/peers/torch
//   node bench/peers/create.mjs npm        → bench/node_modules
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));
const name = process.argv[2];

function run(command, args, cwd = bench) {
  const result = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

if (name === 'npm') {
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
} else {
  const list = join(bench, 'peers', `${name}.txt`);
  if (name === undefined || !existsSync(list)) {
    console.error('Usage: node bench/peers/create.mjs NAME, with a list bench/peers/NAME.txt, or npm');
    process.exit(2);
  }
  const venv = join(bench, '..', '.cache', 'peers', name);
  const stamp = join(venv, '.complete');
  const key = createHash('sha256').update(readFileSync(list)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) process.exit(0);
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(join(venv, '..'), { recursive: true });
  run('python3', ['-m', 'venv', venv]);
  run(join(venv, 'bin', 'pip'), ['install', '--quiet', '-r', list]);
  writeFileSync(stamp, key);
}
