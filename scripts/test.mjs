// `npm test`: every check that needs no outside service, then `N passed, N failed` as the last line.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady, root } from './ensure-ready.mjs';

ensureReady({ types: true });

let passed = 0;
let failed = 0;

/** A whole-tree check that counts as one test. */
function check(title, command, args) {
  const started = Date.now();
  const result = spawnSync(process.execPath, [join(root, 'node_modules', command), ...args], {
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
check('types', 'typescript/bin/tsc', ['--noEmit']);
check('no unused files, exports or dependencies', 'knip/bin/knip.js', ['--no-progress']);

const results = join(root, '.cache', 'test-results.json');
mkdirSync(join(root, '.cache'), { recursive: true });
rmSync(results, { force: true });
// Dot on screen: the failures are printed in full, the successes are counted.
const vitest = [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
  ...process.argv.slice(2),
];
const run = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...vitest], {
  cwd: root,
  stdio: 'inherit',
});
if (existsSync(results)) {
  const report = JSON.parse(readFileSync(results, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests + (report.numFailedTests === 0 && run.status !== 0 ? 1 : 0);
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped') console.log(`skipped: ${test.fullName}`);
    }
  }
} else {
  failed++;
  console.log('✗ vitest ended without a report');
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
