import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileKernels } from '../../scripts/compile-kernels.mjs';
import { preprocessKernels, preprocessModule } from './preprocess.generated.js';
import { areasStart, reserve } from './runtime.js';
import { transformKernels, transformModule } from './transform.generated.js';

const mostBytes = 40_000;

it('embeds exactly what the AssemblyScript sources compile to', async () => {
  for (const { name, source } of await compileKernels()) {
    const embedded = readFileSync(new URL(`${name}.generated.ts`, import.meta.url), 'utf8');
    // Not one comparison of two long texts: its difference would fill the screen.
    expect(source === embedded, 'run `npm run kernels -w @percept/image`').toBe(true);
  }
});

it(`stays under ${mostBytes} bytes of WebAssembly, for all kernels together`, () => {
  expect((preprocessModule.hexadecimal.length + transformModule.hexadecimal.length) / 2).toBeLessThanOrEqual(mostBytes);
});

it('keeps the constants of both modules apart, and in front of the areas', () => {
  reserve(1);
  expect(preprocessKernels().heapBase()).toBeLessThanOrEqual(4096);
  expect(transformKernels().heapBase()).toBeLessThanOrEqual(areasStart);
});

it('writes the constants of a module where its base says, and nowhere else', () => {
  const written = (hexadecimal: string): readonly number[] => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(hexadecimal, 'hex')), { env: { memory } });
    const bytes = new Uint8Array(memory.buffer);
    return [...bytes.keys()].filter((at) => bytes[at] !== 0);
  };
  for (const at of written(preprocessModule.hexadecimal)) expect(at >= 1024 && at < 4096).toBe(true);
  for (const at of written(transformModule.hexadecimal)) expect(at >= 4096 && at < areasStart).toBe(true);
});
