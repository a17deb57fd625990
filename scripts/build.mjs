// Builds the packages that changed since their last build, some at a time, and the declarations of all. `--no-types` skips
// the declarations: running needs none. Names after the flags build only those packages.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const types = !process.argv.includes('--no-types');
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const packages = readdirSync(join(root, 'packages')).filter((name) => named.length === 0 || named.includes(name));

/** What a build depends on: the package's own sources and the shared recipe, not its neighbours' (they stay external). */
function fingerprint(name) {
  const hash = createHash('sha256');
  const add = (path) => hash.update(relative(root, path)).update(readFileSync(path));
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (!/\.test(-d)?\.tsx?$/.test(entry.name)) add(path);
    }
  };
  walk(join(root, 'packages', name, 'src'));
  for (const file of ['package.json', 'tsup.config.ts']) add(join(root, 'packages', name, file));
  for (const file of ['tsup.shared.ts', 'tsconfig.json']) add(join(root, file));
  return hash.digest('hex');
}

function build(name) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/tsup/dist/cli-default.js'), '--silent'], {
      cwd: join(root, 'packages', name),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`Building @percept/${name} failed:\n${output}`)),
    );
  });
}

const stamps = join(root, '.cache', 'build');
mkdirSync(stamps, { recursive: true });
const stale = packages.filter((name) => {
  const stamp = join(stamps, name);
  if (!existsSync(stamp) || !existsSync(join(root, 'packages', name, 'dist'))) return true;
  return readFileSync(stamp, 'utf8') !== fingerprint(name);
});

let built = 0;
async function worker() {
  for (let name = stale.shift(); name !== undefined; name = stale.shift()) {
    const print = fingerprint(name);
    await build(name);
    writeFileSync(join(stamps, name), print);
    built++;
  }
}

const started = Date.now();
try {
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  console.log(`built ${built} of ${packages.length} packages in ${((Date.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
if (types) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build-types.mjs')], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
