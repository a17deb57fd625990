import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  'index.node': 'src/index.node.ts',
  index: 'src/index.ts',
  live: 'src/live.ts',
  'rasterize.node': 'src/rasterize.node.ts',
  rasterize: 'src/rasterize.ts',
});
