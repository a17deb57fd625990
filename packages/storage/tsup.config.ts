import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  index: 'src/index.ts',
  'backends-memory': 'src/backends/memory.ts',
  'backends-fs': 'src/backends/fs.ts',
  'backends-http': 'src/backends/http.ts',
  testing: 'src/testing/index.ts',
});
