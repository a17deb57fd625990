// The weights that learning begins with: fetched from beside the page once, or a file of the user's.
import type { Storage } from '@percept/storage';
import { readJson, writeJson } from './json-files.js';
import { keys } from './keys.js';
import type { StartingNote } from './starting-point.js';

/** What is kept already, if anything. */
export async function keptWeights(storage: Storage): Promise<StartingNote | undefined> {
  const note = await readJson<StartingNote>(storage, keys.weightsNote);
  if (note === undefined || note.untaught === true) return note;
  return (await storage.stat(keys.weights)) === undefined ? undefined : note;
}

/**
 * Fetches the MobileNetV2 that is served beside the page. `undefined` when there is none.
 *
 * @param onShare told how much of it has come, 0..1
 */
export async function servedWeights(onShare: (share: number) => void): Promise<Uint8Array | undefined> {
  const response = await fetch('models/mobilenetv2.onnx').catch(() => undefined);
  const isPage = response?.headers.get('Content-Type')?.startsWith('text/html');
  if (!response?.ok || isPage || response.body === null) return undefined;
  const total = Number(response.headers.get('Content-Length'));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  for await (const part of chunks(response.body)) {
    parts.push(part);
    received += part.length;
    if (total > 0) onShare(received / total);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** What is said of the served weights. Their pixels run from -1 to 1. */
export const servedNote: StartingNote = {
  name: 'MobileNetV2, taught on 1.3 million photos',
  pixels: 'minus-one-to-one',
};

/** What is said when there are no weights. */
export const untaughtNote: StartingNote = {
  name: 'a small network that knows nothing yet',
  pixels: 'minus-one-to-one',
  untaught: true,
};

/** Keeps weights for the next visit. */
export async function keepWeights(storage: Storage, bytes: Uint8Array | undefined, note: StartingNote): Promise<void> {
  if (bytes === undefined) await storage.delete(keys.weights);
  else await storage.write(keys.weights, bytes);
  await writeJson(storage, keys.weightsNote, note);
}

/** Not every browser can iterate over a stream. */
async function* chunks(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
