// Counts in a worker, for opfs.browser.test.ts.
import { updateObject } from '../update.js';
import { opfsStorage } from './opfs.js';

self.onmessage = async ({ data }: MessageEvent<{ folder: string; steps: number }>) => {
  const storage = opfsStorage(data.folder);
  let won = 0;
  for (let step = 0; step < data.steps; step++) {
    await updateObject(storage, 'count', (bytes) => {
      const count = bytes === undefined ? 0 : Number(new TextDecoder().decode(bytes));
      return new TextEncoder().encode(String(count + 1));
    });
    const wrote = storage.write(`race/${step}`, new Uint8Array(1), { ifAbsent: true });
    won += await wrote.then(
      () => 1,
      () => 0,
    );
  }
  self.postMessage(won);
};
