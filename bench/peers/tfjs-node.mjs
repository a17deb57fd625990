// Makes a working @tensorflow/tfjs-node without the download of its installer: the addon is compiled from the sources in the
// npm package and linked to the libraries of the PyPI wheel of TensorFlow.
//   node bench/peers/tfjs-node.mjs      → .cache/peers/tfjs-node, whose path is printed last
// Needs g++, python3 with venv, npm and the headers of Node, below 23: tfjs-node 4.22 calls a function that Node 23 took out.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const npmPackage = '@tensorflow/tfjs-node@4.22.0';
const wheel = 'tensorflow-cpu==2.21.0';

const folder = fileURLToPath(new URL('../../.cache/peers/tfjs-node', import.meta.url));
const stamp = join(folder, '.complete');
const key = createHash('sha256')
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .update(process.version)
  .digest('hex');

function fail(reason) {
  console.error(reason);
  process.exit(1);
}

function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (error !== undefined) fail(`${command} is missing (${error.code})`);
  if (status !== 0) fail(`${command} ${args[0]} failed: ${stderr.trim().split('\n').slice(-3).join(' ')}`);
}

function build() {
  const headers = ['/usr/include/node', '/usr/local/include/node', join(dirname(process.execPath), '../include/node')];
  const include = headers.find((path) => existsSync(join(path, 'node_api.h')));
  if (include === undefined) fail(`the headers of Node are in none of ${headers.join(', ')}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'tfjs-node-peer', private: true }));
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', npmPackage]);
  run('python3', ['-m', 'venv', 'python']);
  run('python/bin/pip', ['install', '--quiet', wheel]);
  const libraries = join(folder, 'python/lib');
  const python = readdirSync(libraries).find((name) => name.startsWith('python3'));
  const tensorflow = join(libraries, python, 'site-packages/tensorflow');
  const source = join(folder, 'node_modules/@tensorflow/tfjs-node');
  const version = Math.min(8, Number(process.versions.napi));
  const output = join(source, `lib/napi-v${version}`);
  mkdirSync(output, { recursive: true });
  run('g++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${version}`],
    ...[include, source, join(source, 'binding'), join(tensorflow, 'include')].map((path) => `-I${path}`),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(source, 'binding', name)),
    `-L${tensorflow}`,
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${tensorflow}`],
    ...['-o', join(output, 'tfjs_binding.node')],
  ]);
}

if (process.platform !== 'linux' || process.arch !== 'x64') fail('tfjs-node is made for Linux x64 only');
if (Number.parseInt(process.versions.node, 10) >= 23)
  fail(`tfjs-node needs Node below 23, but this is ${process.version}`);
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== key) {
  build();
  const tf = createRequire(join(folder, 'package.json'))('@tensorflow/tfjs-node');
  const [, three] = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
  if (tf.getBackend() !== 'tensorflow' || three !== 3) fail('tfjs-node was made but does not compute');
  writeFileSync(stamp, key);
}
console.log(folder);
