// Rewrites the embedded kernel modules after a change in `assembly/`.
import { writeFileSync } from 'node:fs';
import { compileKernels } from './compile-kernels.mjs';

for (const { name, wasm, source } of await compileKernels()) {
  writeFileSync(new URL(`../src/kernels/${name}.generated.ts`, import.meta.url), source);
  process.stdout.write(`${name} kernels: ${wasm.length} bytes of WebAssembly\n`);
}
