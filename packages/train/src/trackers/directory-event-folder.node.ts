import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { PerceptError } from '@percept/core';
import { type EventFolder, eventFilePrefix } from './event-folder.js';

/** Event files in a directory, appended to, so that a TensorBoard that reads them sees every step as it comes. */
export function directoryEventFolder(directory: string): EventFolder {
  const attempt = async <T>(what: () => Promise<T>): Promise<T> => {
    try {
      return await what();
    } catch (cause) {
      throw new PerceptError(
        'TRAIN_LOG_FAILED',
        `Expected to write logs in ${directory} but ${(cause as Error).message}. Give a directory that can be written to, with space left`,
        { details: { directory }, cause },
      );
    }
  };
  return {
    suffix: `${hostname()}.${process.pid}`,
    eventFiles: () =>
      attempt(async () => {
        await mkdir(directory, { recursive: true });
        return (await readdir(directory)).filter((name) => name.startsWith(eventFilePrefix)).sort();
      }),
    append: (name, bytes) => attempt(() => appendFile(join(directory, name), bytes)),
    writeFile: (path, bytes) =>
      attempt(async () => {
        const file = join(directory, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, bytes);
      }),
  };
}
