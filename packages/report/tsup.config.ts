import { defineConfig } from 'tsup';
import { definePackage } from '../../tsup.shared.js';

/** The live page: a script and a style sheet for browsers, everything bundled, put into the document by the server. */
const page = defineConfig({
  entry: { 'live-page': 'src/live-page/page.ts' },
  outDir: 'dist/page',
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  minify: true,
  splitting: false,
  clean: true,
  noExternal: [/.*/],
});

const library = definePackage({
  'index.node': 'src/index.node.ts',
  index: 'src/index.ts',
  live: 'src/live.ts',
  'rasterize.node': 'src/rasterize.node.ts',
  rasterize: 'src/rasterize.ts',
  text: 'src/text.ts',
});

// Both build at once, so neither may clean the other's folder.
export default [{ ...library, clean: ['!page/**'] }, page];
