import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { type Rollup, build as vite } from 'vite';
import { describe, expect, inject, it } from 'vitest';
import { packageNames } from '../setup/repository.js';

/** Most bytes (minified, gzip) that importing everything of a package may add to a page, its own dependencies included. */
const ceilings: Record<string, number> = {
  core: 9_000,
  metrics: 26_000,
  storage: 12_000,
  image: 34_000,
  onnx: 25_000,
  report: 260_000,
  augment: 21_000,
  data: 45_000,
  // Fixing a model's sizes takes shape inference and the interpreter along.
  train: 230_000,
  monitor: 16_000,
  registry: 32_000,
  // What becomes int8 is decided by the types and sizes of values, which takes shape inference along.
  optimize: 190_000,
  serve: 76_000,
};

/** What pages that need only a part of a package pay for it. */
const uses = [
  {
    use: 'image without its codecs',
    code: `export {
      caffePreset, cropImage, flipImage, forwardMap, inverseMap, outputSize, parsePreprocessSpec, plainPreset,
      preprocessBatch, preprocessInto, requireUint8Image, resizeImage, rotate90Image, tensorflowPreset, toGray, toRgb,
      torchvisionPreset,
    } from '@percept/image'`,
    ceiling: 25_000,
  },
  {
    use: "onnx's reader and session, without the runtime",
    code: "export { readModel } from '@percept/onnx'; export * from '@percept/onnx/backends/web'",
    ceiling: 25_000,
  },
];

/** Bytes, minified and gzipped, that a page loads for the module at once: what it imports later on demand is not counted. */
async function gzippedSize(code: string): Promise<number> {
  const { outputFiles, metafile } = await esbuild({
    stdin: { contents: code, resolveDir: inject('installed') },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
    outdir: inject('installed'),
    absWorkingDir: inject('installed'),
    external: ['onnxruntime-web', 'onnxruntime-web/*'],
    logLevel: 'silent',
  });
  const loaded = new Set(
    Object.keys(metafile.outputs).filter((path) => metafile.outputs[path]!.entryPoint === '<stdin>'),
  );
  for (const path of loaded) {
    const imports = metafile.outputs[path]!.imports.filter(
      (each) => each.kind === 'import-statement' && !each.external,
    );
    for (const each of imports) loaded.add(each.path);
  }
  expect(loaded.size).toBeGreaterThan(0);
  let size = 0;
  for (const { path, text, contents } of outputFiles) {
    expect(text).not.toMatch(/from"node:|import\("node:/);
    if (loaded.has(relative(inject('installed'), path))) size += gzipSync(contents).length;
  }
  return size;
}

describe('bundles for browsers', () => {
  it('have a ceiling for every package', () => {
    expect(Object.keys(ceilings).sort()).toEqual(packageNames);
  });

  it.each(Object.entries(ceilings))('%s stays under %i bytes', async (name, ceiling) => {
    expect(await gzippedSize(`export * from '@percept/${name}'`)).toBeLessThan(ceiling);
  });

  it.each(uses)('$use stays under $ceiling bytes', async ({ code, ceiling }) => {
    expect(await gzippedSize(code)).toBeLessThan(ceiling);
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
