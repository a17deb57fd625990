import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  'index.node': 'src/index.node.ts',
  index: 'src/index.ts',
  kernels: 'src/kernels/index.ts',
});
