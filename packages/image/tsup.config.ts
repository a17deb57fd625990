import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  'index.node': 'src/index.node.ts',
  index: 'src/index.ts',
  'backends-jsquash': 'src/backends/jsquash.ts',
  'worker.node': 'src/worker.node.ts',
  worker: 'src/worker.ts',
  'image-worker.node': 'src/image-worker.node.ts',
  'image-worker': 'src/image-worker.ts',
  kernels: 'src/kernels/index.ts',
  draw: 'src/draw/index.ts',
});
