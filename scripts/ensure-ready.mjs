// Installs and builds what is missing, and says so. Only Node built-ins: on a fresh clone there is nothing else yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command with the terminal handed through; ends this process when it fails. */
export function runOrExit(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Checks the Node version, installs the locked packages when the lock file is new, builds what changed. */
export function ensureReady() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Percept needs Node 20.19 or newer, but this is ${process.version}. See https://nodejs.org`);
    process.exit(1);
  }
  const stamp = join(root, 'node_modules', '.percept-installed');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    console.log('Installing packages (once, about a minute; the ONNX runtime is the big one) …');
    runOrExit('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { shell: process.platform === 'win32' });
    writeFileSync(stamp, lock);
  }
  console.log('Building packages …');
  runOrExit(process.execPath, [join(root, 'scripts', 'build.mjs'), '--no-types']);
}
