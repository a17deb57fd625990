import { parseOptions, type Tracker } from '@percept/core';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import { eventLog } from './event-log.js';
import { storageEventFolder } from './storage-event-folder.js';

/** A run's folder in a storage. */
export interface TensorboardStorageOptions {
  storage: Storage;
  /** The folder of the run, such as `runs/first`: TensorBoard names the run after it. */
  key: string;
}

export const tensorboardStorageSchema = z.strictObject({
  storage: z.custom<Storage>((value) => typeof (value as Storage | undefined)?.write === 'function', 'a Storage'),
  key: z.string().min(1),
});

/**
 * Keeps a run as event files that TensorBoard opens: metrics as scalars, parameters as text, PNGs as images; other files
 * of the run stand beside them. What is logged is durable when the call resolves.
 *
 * A run that is gone on with gets a further file in the same folder, which says where it went on: what earlier files tell
 * of that step and later ones is forgotten by TensorBoard. The file is written as a whole each time, so log epochs rather
 * than steps; in Node `directory` appends, and lets TensorBoard follow on a local disk.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; its functions too, and `TRAIN_PARAM_CONFLICT`,
 *   `STORAGE_INVALID_KEY`, what the storage throws
 */
export function tensorboardTracker(options: TensorboardStorageOptions): Tracker {
  const { storage, key } = parseOptions(tensorboardStorageSchema, options, 'tensorboardTracker() options');
  return eventLog(storageEventFolder(storage, key));
}
