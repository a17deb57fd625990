// Measures every gradient against PyTorch's on both runtimes and writes the table of docs/compatibility.md:
//   node --conditions=@percept/source --import tsx test/train-gradients/write-table.ts
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Runtime } from '@percept/onnx';
import { tableOf, withSection } from '../../packages/train/src/gradients/operator-table.fixture.js';
import { errorOn, golden } from '../../packages/train/src/gradients/recorded-cases.fixture.js';
import { gradients } from '../../packages/train/src/gradients/table.js';

async function measured(runtime: Runtime): Promise<Record<string, number>> {
  const worst: Record<string, number> = {};
  for (const entry of golden.cases) {
    const names = entry.operator === 'QuantizeLinear' ? ['QuantizeLinear', 'DequantizeLinear'] : [entry.operator];
    const error = await errorOn(runtime, entry);
    for (const name of names) worst[name] = Math.max(worst[name] ?? 0, error);
  }
  return worst;
}

/** onnxruntime-web and onnxruntime-node must not share a process. */
function measuredApart(name: string): Record<string, number> {
  const own = fileURLToPath(import.meta.url);
  const output = execFileSync(process.execPath, [...process.execArgv, own, name], { encoding: 'utf8' });
  return JSON.parse(output.slice(output.lastIndexOf('\n{') + 1)) as Record<string, number>;
}

const [wanted] = process.argv.slice(2);
if (wanted === 'wasm') {
  const { onnxruntimeWeb } = await import('@percept/onnx/backends/web');
  console.log(`\n${JSON.stringify(await measured(onnxruntimeWeb()))}`);
  process.exit();
}
const wasm = measuredApart('wasm');
const { onnxruntimeNode } = await import('@percept/onnx/backends/node');
const cpu = await measured(onnxruntimeNode({ worker: false }));
const operators = Object.keys(gradients);
const errors = new Map(
  operators.map((name) => [name, { cpu: cpu[name] ?? Number.NaN, wasm: wasm[name] ?? Number.NaN }]),
);
const path = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));
writeFileSync(path, withSection(readFileSync(path, 'utf8'), tableOf(operators, golden, errors)));
console.log('Written: docs/compatibility.md');
