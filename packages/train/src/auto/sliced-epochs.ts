import type { BatchSource } from '@percept/core';

/** The batches of one epoch after another, dealt out in rounds of `batchesPerRound`, which take the place of epochs. */
export function slicedEpochs(data: BatchSource, batchesPerRound: number): BatchSource {
  const { batchesPerEpoch, classes } = data;
  return {
    batchesPerEpoch: batchesPerRound,
    classes,
    ...(data.fingerprint === undefined ? {} : { fingerprint: data.fingerprint }),
    async *batches({ epoch: round, start = 0, signal }) {
      const end = (round + 1) * batchesPerRound;
      let next = round * batchesPerRound + start;
      while (next < end) {
        const position = { epoch: Math.floor(next / batchesPerEpoch), start: next % batchesPerEpoch, signal };
        const before = next;
        for await (const batch of data.batches(position)) {
          yield batch;
          if (++next === end) return;
        }
        // An epoch that ends early would go round for ever; the trainer counts the batches and says so.
        if (next === before) return;
      }
    },
  };
}
