import { storageConformance } from '../testing/index.js';
import { memoryStorage } from './memory.js';

storageConformance('memory', {
  create: async () => ({ storage: memoryStorage(), cleanup: async () => {} }),
});
