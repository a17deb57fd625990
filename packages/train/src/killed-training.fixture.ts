// A training in a process of its own, to be killed by its parent. Arguments: folder of the checkpoint, epochs.
import { fsStorage } from '@percept/storage/backends/fs';
import { toyBatches } from './batches.fixture.js';
import { smallCnn } from './builders/small-cnn.js';
import { adam } from './optimizers/adam.js';
import { Trainer } from './trainer.js';

const [folder, epochs] = process.argv.slice(2);
const trainer = new Trainer({
  model: smallCnn({ classes: 4, size: 8, width: 2 }),
  data: toyBatches(),
  epochs: Number(epochs),
  optimizer: adam({ learningRate: 0.01 }),
  checkpoint: { storage: fsStorage(folder!), key: 'checkpoint', everySteps: 2 },
  threads: 1,
});
const result = await trainer.fit({ onProgress: ({ done }) => process.send!({ done }) });
const weights = Buffer.concat(
  [...result.model.graph.initializers.values()].map(({ data }) => Buffer.from((data as Float32Array).buffer)),
);
process.send!({ weights: weights.toString('base64'), resumedAt: result.resumedAt });
process.disconnect();
