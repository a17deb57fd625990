import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'test/goldens/onnx/node-suite.py');

/**
 * The folder of the exported cases, made on demand: a virtual environment with the onnx package (once), then the export
 * (once per version of the script). Answers why not where it cannot be made, as without network or Python.
 */
export function exportedCases(): { folder: string } | { reason: string } {
  const folder = join(root, '.cache', 'onnx-node-suite');
  const stamp = join(folder, '.complete');
  const list = readFileSync(join(root, 'bench/peers/onnx.txt'));
  const key = createHash('sha256').update(readFileSync(script)).update(list).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return { folder };
  console.log('Exporting the backend node cases of the onnx package (once, about a minute) …');
  const made = spawnSync(process.execPath, [join(root, 'bench/peers/create.mjs'), 'onnx'], { encoding: 'utf8' });
  if (made.status !== 0) return { reason: `no Python environment with onnx: ${lastLine(made.stderr)}` };
  rmSync(folder, { recursive: true, force: true });
  const python = join(root, '.cache', 'peers', 'onnx', 'bin', 'python');
  const exported = spawnSync(python, [script, folder], { encoding: 'utf8' });
  if (exported.status !== 0) return { reason: `the export failed: ${lastLine(exported.stderr)}` };
  writeFileSync(stamp, key);
  return { folder };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'no message';
}
