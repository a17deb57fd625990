import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  index: 'src/index.ts',
  graph: 'src/graph/index.ts',
  draw: 'src/graph/draw/index.ts',
  'backends-interpreter': 'src/backends/interpreter.ts',
  'backends-node': 'src/backends/node.ts',
  'backends-web': 'src/backends/web.ts',
  load: 'src/load/index.ts',
  'load-platform': 'src/load/platform.ts',
  'load-platform.node': 'src/load/platform.node.ts',
  'session-worker': 'src/session-worker.ts',
  testing: 'src/testing/index.ts',
});
