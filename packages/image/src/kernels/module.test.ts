import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileKernels } from '../../scripts/compile-kernels.mjs';
import { kernelModule } from './wasm.generated.js';

const mostBytes = 40_000;

it('embeds exactly what the AssemblyScript sources compile to', async () => {
  const { source } = await compileKernels();
  const embedded = readFileSync(new URL('wasm.generated.ts', import.meta.url), 'utf8');
  // Not one comparison of two long texts: its difference would fill the screen.
  expect(source === embedded, 'run `npm run kernels -w @percept/image`').toBe(true);
});

it(`stays under ${mostBytes} bytes of WebAssembly, for all kernels together`, () => {
  expect(kernelModule.length / 2).toBeLessThanOrEqual(mostBytes);
});
