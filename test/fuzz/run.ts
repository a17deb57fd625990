// npm run fuzz -- --cases 100000 [--target onnx] [--seed 1] [--case 17]
//
// Feeds mutated inputs to everything that parses foreign bytes. `--cases` is the number of cases in all, spread evenly
// over the targets of test/fuzz/targets; `--case` runs one again. The inputs of failed cases are left in .cache/fuzz.
import { parseArgs } from 'node:util';
import { fuzz, targetNames } from './fuzz.js';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
  },
});
const targets = values.target === undefined ? targetNames() : [values.target];
const seed = Number(values.seed);
const index = values.case === undefined ? undefined : Number(values.case);
const each = Math.ceil(Number(values.cases) / targets.length);
const unknown = targets.find((target) => !targetNames().includes(target));
if (unknown !== undefined || ![seed, index ?? 0, each].every(Number.isSafeInteger) || each < 1) {
  console.error(
    `Usage: npm run fuzz -- [--cases N] [--target ${targetNames().join('|')}] [--seed N] [--case N], with integers for N`,
  );
  process.exit(2);
}

const started = Date.now();
const report = await fuzz(
  index === undefined ? { targets, to: each, seed } : { targets, from: index, to: index + 1, seed },
);
for (const { target, index: at, reason, file } of report.failures) {
  console.log(`✗ ${target}, case ${at}: ${reason}`);
  console.log(`  input: ${file}; again: npm run fuzz -- --target ${target} --seed ${seed} --case ${at}`);
}
for (const [target, passed] of Object.entries(report.passed)) {
  const failed = (index === undefined ? each : 1) - passed;
  console.log(`${failed === 0 ? '✓' : '✗'} ${target}: ${passed} passed, ${failed} failed`);
}
console.log(`in ${((Date.now() - started) / 1000).toFixed(1)} s with seed ${seed}`);
const passed = Object.values(report.passed).reduce((sum, count) => sum + count, 0);
const failed = (index === undefined ? each : 1) * targets.length - passed;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
