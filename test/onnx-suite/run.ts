// `npm run onnx-suite`: the backend node cases of the onnx package on the interpreter and on both runtimes.
// After them, the models of PERCEPT_DATA on the images whose answers are known.
//   -- --write            writes the table of docs/compatibility.md
//   -- --only REGEXP      runs the cases whose name matches
//   -- --engine NAME      runs one engine
// With either of the last two, the models are left out.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadCases } from './cases.js';
import { type EngineName, engineNames } from './engines.js';
import { exportedCases } from './export-cases.js';
import { markdownOf, summary, withSection } from './markdown.js';
import { byCause, type Outcome } from './outcome.js';
import { runEngine } from './run-engine.js';
import { printZoo } from './zoo-print.js';

const { values } = parseArgs({
  options: { write: { type: 'boolean' }, only: { type: 'string' }, engine: { type: 'string' } },
});

function versionOf(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

function printOutcomes(engine: EngineName, outcomes: readonly Outcome[]): void {
  console.log(`\n${engine}: ${summary(outcomes)}`);
  for (const result of ['failed', 'unsupported'] as const) {
    for (const [cause, group] of byCause(outcomes, result)) {
      console.log(`  ${result} ${group.length}: ${cause}`);
      for (const { name, detail } of engine === 'interpreter' || values.engine !== undefined ? group : []) {
        console.log(`    ${name}${detail === undefined ? '' : `: ${detail}`}`);
      }
    }
  }
}

async function main(): Promise<number> {
  const exported = exportedCases();
  if ('reason' in exported) {
    console.log(`Skipped: ${exported.reason}. The recorded cases run in npm test all the same.`);
    return (await printZoo()) === 0 ? 0 : 1;
  }
  const { version, cases } = loadCases(exported.folder);
  const chosen = cases.filter(({ name }) => new RegExp(values.only ?? '').test(name));
  const names = chosen.map(({ name }) => name);
  const engines = engineNames.filter((name) => values.engine === undefined || values.engine === name);
  console.log(`${names.length} cases of onnx ${version}`);

  const outcomes = new Map<EngineName, Outcome[]>();
  // The runtimes first, so that the last line is the interpreter's.
  for (const engine of engines.toReversed()) {
    const done = await runEngine(engine, exported.folder, names);
    outcomes.set(engine, done);
    printOutcomes(engine, done);
  }
  if (values.write === true && engines.length === engineNames.length && values.only === undefined) {
    const path = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));
    const titles = {
      interpreter: 'interpreter',
      'onnxruntime-node': `onnxruntime-node ${versionOf('onnxruntime-node')} (cpu)`,
      'onnxruntime-web': `onnxruntime-web ${versionOf('onnxruntime-web')} (wasm)`,
    };
    writeFileSync(path, withSection(readFileSync(path, 'utf8'), markdownOf(version, chosen, outcomes, titles)));
    console.log(`\nWritten: ${join('docs', 'compatibility.md')}`);
  }
  const unlike = values.only === undefined && values.engine === undefined ? await printZoo() : 0;
  const own = outcomes.get('interpreter');
  if (own === undefined) return 0;
  console.log(`\n${summary(own)}`);
  return unlike > 0 || own.some(({ result }) => result === 'failed') ? 1 : 0;
}

process.exitCode = await main();
