import { storageConformance } from '../testing/index.js';
import { memoryStorage } from './memory.js';

storageConformance('memory, in a browser', {
  create: async () => ({ storage: memoryStorage(), cleanup: async () => {} }),
});
