import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { type Rollup, build as vite } from 'vite';
import { describe, expect, inject, it } from 'vitest';
import { packageNames } from '../setup/repository.js';

/** Most bytes (minified, gzip) that importing everything of a package may add to a page, its own dependencies included. */
const ceilings: Record<string, number> = {
  core: 9_000,
  metrics: 20_000,
  storage: 12_000,
  image: 25_000,
  onnx: 25_000,
  report: 260_000,
  augment: 16_000,
  data: 36_000,
  train: 60_000,
  monitor: 16_000,
  registry: 32_000,
  optimize: 60_000,
  serve: 66_000,
};

describe('bundles for browsers', () => {
  it('have a ceiling for every package', () => {
    expect(Object.keys(ceilings).sort()).toEqual(packageNames);
  });

  it.each(Object.entries(ceilings))('%s stays under %i bytes', async (name, ceiling) => {
    const result = await esbuild({
      stdin: { contents: `export * from '@percept/${name}'`, resolveDir: inject('installed') },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      external: ['onnxruntime-web', 'onnxruntime-web/*'],
      logLevel: 'silent',
    });
    const code = result.outputFiles[0]!.contents;
    expect(new TextDecoder().decode(code)).not.toMatch(/from"node:|import\("node:/);
    expect(gzipSync(code).length).toBeLessThan(ceiling);
  });

  it('build with Vite, workers included', async () => {
    const root = inject('installed');
    const names = Object.keys(ceilings);
    writeFileSync(
      join(root, 'main.js'),
      `${names.map((name) => `import * as ${name} from '@percept/${name}';`).join('\n')}
import { onnxruntimeWeb } from '@percept/onnx/backends/web';
globalThis.percept = { ${names.join(', ')}, onnxruntimeWeb };`,
    );
    const output = (await vite({
      root,
      configFile: false,
      logLevel: 'silent',
      build: { write: false, target: 'es2022', rollupOptions: { input: join(root, 'main.js') } },
      worker: { format: 'es' },
    })) as Rollup.RollupOutput;
    expect(output.output.filter((file) => file.type === 'chunk' && file.isEntry)).toHaveLength(1);
  });
});
