import { defineConfig } from 'tsup';

/**
 * One build recipe for every package: ESM, code-split, flat in `dist/`. Declarations come from `scripts/build-types.mjs`.
 *
 * Flat matters: a worker is started with `new URL('../dist/<name>.js', import.meta.url)`, and that address must mean
 * the same file whether it is written in `src/<file>.ts` or has been moved into a shared chunk of `dist/`.
 */
export function definePackage(entry: Record<string, string>) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    splitting: true,
    clean: true,
    removeNodeProtocol: false,
    external: [/^node:/, /^#/],
  });
}
