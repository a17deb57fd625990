// Rewrites the embedded kernel module after a change in `assembly/`.
import { writeFileSync } from 'node:fs';
import { compileKernels } from './compile-kernels.mjs';

const { wasm, source } = await compileKernels();
writeFileSync(new URL('../src/kernels/wasm.generated.ts', import.meta.url), source);
process.stdout.write(`kernels: ${wasm.length} bytes of WebAssembly\n`);
