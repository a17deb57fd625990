import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  index: 'src/index.ts',
});
