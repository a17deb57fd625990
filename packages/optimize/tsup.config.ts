import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  'compare-platform': 'src/compare/platform.ts',
  'compare-platform.node': 'src/compare/platform.node.ts',
  convert: 'src/convert/index.ts',
  distill: 'src/distill/index.ts',
  index: 'src/index.ts',
  'optimized-graph': 'src/quantize/audit/optimized-graph.ts',
  'optimized-graph.node': 'src/quantize/audit/optimized-graph.node.ts',
  prune: 'src/prune/index.ts',
  recipe: 'src/recipe/index.ts',
});
