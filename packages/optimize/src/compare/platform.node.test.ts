import { tensor } from '@percept/core';
import { GraphBuilder, writeModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { scaling } from './comparison.fixture.js';
import { vectorExtensions } from './cpu-flags.js';
import { platform } from './platform.node.js';

describe('vectorExtensions', () => {
  it.each([
    [
      'x86 with VNNI and AMX',
      'flags\t\t: fpu sse2 avx2 avx512f avx512_vnni amx_tile amx_int8\n',
      ['AVX2', 'AVX-512', 'AVX-512 VNNI', 'AMX int8'],
    ],
    ['x86 of 256 bits with VNNI', 'model name : x\nflags : avx avx2 avx_vnni\nbugs : none', ['AVX2', 'AVX-VNNI']],
    ['ARM', 'Features\t: fp asimd asimddp i8mm\n', ['NEON', 'dot product', 'int8 matrix product']],
    ['an old CPU', 'flags : fpu sse2\n', []],
    ['nothing', '', undefined],
  ])('reads %s', (_, text, expected) => expect(vectorExtensions(text)).toEqual(expected));
});

it('knows this machine', () => {
  const { cores, host } = platform.readMachine();
  expect(cores).toBeGreaterThan(0);
  expect(host).toMatch(/^Node \d+\.\d+\.\d+, \w+ \w+$/);
});

describe('sessionMemory (needs the built packages)', () => {
  const megabytes = (count: number) => {
    const g = new GraphBuilder('wide');
    const weight = tensor('float32', [256, Math.round((count * 1e6) / 1024)]);
    weight.data.forEach((_, index) => {
      weight.data[index] = (index % 1000) / 1000;
    });
    const y = g.node('MatMul', [g.input('x', 'float32', ['N', 256]), g.constant(weight)]);
    g.output(g.node('ReduceMax', [y], { keepdims: 0 }), 'float32', []);
    return writeModel(g.build());
  };
  const memory = async (count: number) => {
    const found = await platform.sessionMemory({ model: megabytes(count), input: { name: 'x', dims: [1, 256] } });
    expect(found).toHaveProperty('bytes');
    return (found as { bytes: number }).bytes / 1e6;
  };

  it('grows with the weights, and does not count the process itself', async () => {
    const [small, large] = [await memory(4), await memory(100)];
    expect(small).toBeLessThan(60);
    expect(large - small).toBeGreaterThan(90);
    expect(large - small).toBeLessThan(420);
  });

  it('says why it is not known', async () => {
    const bad = { model: new Uint8Array([1, 2]), input: { name: 'x', dims: [1, 3, 1, 1] } };
    expect(await platform.sessionMemory(bad)).toEqual({ unknown: expect.stringMatching(/Error/) });
    const misfed = { model: scaling([1, 1, 1]), input: { name: 'x', dims: [1, 2] } };
    expect(await platform.sessionMemory(misfed)).toEqual({ unknown: expect.stringMatching(/x/) });
  });

  it('ends when the call is aborted', async () => {
    const signal = AbortSignal.timeout(50);
    const session = { model: scaling([1, 1, 1]), input: { name: 'x', dims: [1, 3, 1, 1] }, signal };
    await expect(platform.sessionMemory(session)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
