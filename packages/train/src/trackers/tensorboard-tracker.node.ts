import { parseOptions, type Tracker } from '@percept/core';
import * as z from 'zod';
import { directoryEventFolder } from './directory-event-folder.node.js';
import { eventLog } from './event-log.js';
import {
  type TensorboardStorageOptions,
  tensorboardStorageSchema,
  tensorboardTracker as trackerInStorage,
} from './tensorboard-tracker.js';

/** A run's directory on the local disk. */
export interface TensorboardDirectoryOptions {
  /** The directory of the run, such as `runs/first`: TensorBoard names the run after it. Made when it is not there. */
  directory: string;
}

const directorySchema = z.strictObject({ directory: z.string().min(1) });

/**
 * Keeps a run as event files that TensorBoard opens (`tensorboard --logdir runs`): metrics as scalars, parameters as text,
 * PNGs as images; other files of the run stand beside them. What is logged is written when the call resolves.
 *
 * A run that is gone on with gets a further file in the same folder, which says where it went on: what earlier files tell
 * of that step and later ones is forgotten by TensorBoard. In a directory the file is appended to, and a running
 * TensorBoard follows; in a storage it is written as a whole each time, so log epochs rather than steps there.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; its functions too, and `TRAIN_PARAM_CONFLICT`,
 *   `TRAIN_LOG_FAILED`, `STORAGE_INVALID_KEY`, what the storage throws
 */
export function tensorboardTracker(options: TensorboardDirectoryOptions | TensorboardStorageOptions): Tracker {
  if (typeof options === 'object' && options !== null && 'storage' in options) {
    return trackerInStorage(parseOptions(tensorboardStorageSchema, options, 'tensorboardTracker() options'));
  }
  const { directory } = parseOptions(directorySchema, options, 'tensorboardTracker() options');
  return eventLog(directoryEventFolder(directory));
}
