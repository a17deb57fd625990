// `npm test`: every check that needs no outside service, then `N passed, N failed` as the last line.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ensureReady, root } from './ensure-ready.mjs';
import { runVitest } from './run-vitest.mjs';

ensureReady();

let passed = 0;
let failed = 0;

/** A whole-tree check that counts as one test. */
function check(title, command, args) {
  const started = Date.now();
  const result = spawnSync(process.execPath, [resolve(root, 'node_modules', command), ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (result.status === 0) {
    passed++;
    console.log(`✓ ${title} (${seconds} s)`);
  } else {
    failed++;
    console.log(`✗ ${title} (${seconds} s)\n${result.stdout}${result.stderr}`);
  }
}

check('lint and format', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']);
check('types', join(root, 'scripts', 'build-types.mjs'), []);
check('no unused files, exports or dependencies', 'knip/bin/knip.js', ['--no-progress']);

const projects = ['node', 'browser', 'house', 'shipped', 'examples'].flatMap((name) => ['--project', name]);
const counted = runVitest([...projects, ...process.argv.slice(2)]);
passed += counted.passed;
failed += counted.failed;

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
