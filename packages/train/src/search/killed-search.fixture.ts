// A search in a process of its own, to be killed by its parent. Argument: folder of the storage.
import { setTimeout } from 'node:timers/promises';
import { fsStorage } from '@percept/storage/backends/fs';
import { curveOptions, reportedCurve } from './curves.fixture.js';
import { search } from './search.js';

const result = await search(
  async (trial) => {
    const value = reportedCurve(trial);
    await setTimeout(3);
    return value;
  },
  {
    ...curveOptions,
    parallel: 3,
    storage: fsStorage(process.argv[2]!),
    key: 'searches/curves',
    onProgress: ({ done }) => process.send!({ done }),
  },
);
process.send!({
  trials: result.trials.map(({ seconds: _, ...trial }) => trial),
  resumed: result.resumed,
});
process.disconnect();
