import type { Storage } from '@percept/storage';

/** Reads a JSON file that the page wrote; `undefined` when there is none, or none that can be read. */
export async function readJson<Value>(storage: Storage, key: string): Promise<Value | undefined> {
  if ((await storage.stat(key)) === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(await storage.read(key))) as Value;
  } catch {
    return undefined;
  }
}

/** Writes a JSON file. */
export async function writeJson(storage: Storage, key: string, value: unknown): Promise<void> {
  await storage.write(key, new TextEncoder().encode(JSON.stringify(value)));
}

/** Deletes everything below a prefix. */
export async function deleteAll(storage: Storage, prefix: string): Promise<void> {
  for await (const { key } of storage.list(prefix)) await storage.delete(key);
}
