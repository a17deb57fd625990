import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageConformance } from '../testing/index.js';
import { fsStorage } from './fs.js';

storageConformance('fs', {
  async create() {
    const folder = await mkdtemp(join(tmpdir(), 'percept-storage-'));
    return { storage: fsStorage(join(folder, 'root')), cleanup: () => rm(folder, { recursive: true }) };
  },
});
