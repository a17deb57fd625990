import { defineConfig } from 'tsup';
import { definePackage } from '../../tsup.shared.js';

/** The web page: a script and a style sheet for browsers, everything bundled, put into the document by the server. */
const page = defineConfig({
  entry: { page: 'src/page/main.tsx' },
  outDir: 'dist/page',
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  minify: true,
  splitting: false,
  clean: true,
  noExternal: [/.*/],
  esbuildOptions(options) {
    options.jsx = 'automatic';
    options.jsxImportSource = 'preact';
  },
});

const library = definePackage({ 'index.node': 'src/index.node.ts', index: 'src/index.ts' });

// Both build at once, so neither may clean the other's folder.
export default [{ ...library, clean: ['!page/**'] }, page];
