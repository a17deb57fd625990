import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  index: 'src/index.ts',
  'backends-memory': 'src/backends/memory.ts',
  'backends-fs': 'src/backends/fs.ts',
  'backends-http': 'src/backends/http.ts',
  'backends-s3': 'src/backends/s3.ts',
  'backends-gcs': 'src/backends/gcs.ts',
  'backends-opfs': 'src/backends/opfs.ts',
  'backends-hub': 'src/backends/hub.ts',
  'local.node': 'src/local.node.ts',
  local: 'src/local.ts',
  'sha256.node': 'src/hash/sha256.node.ts',
  sha256: 'src/hash/sha256.ts',
  'transport.node': 'src/http/transport.node.ts',
  transport: 'src/http/transport.ts',
  testing: 'src/testing/index.ts',
  'testing-node': 'src/testing/node.ts',
});
