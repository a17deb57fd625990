import { isPerceptError } from '@percept/core';
import { readJson, type Storage, writeJson } from '@percept/storage';
import type { Downloaded } from './download.js';
import { isHeld } from './lease.js';

/** What the cache knows of a file that it has whole. */
export interface CachedFile extends Downloaded {
  /** Where it came from, without credentials. */
  readonly source: string;
}

/**
 * Model files by where they came from, in any storage. Everything of one model lies in a folder of its own:
 * `<id>/files/…` as the model names them, so that weights are found beside their model, `<id>/known/…` what is known of
 * each, `<id>/used` when it was last asked for, and `<id>/parts/…` what is being fetched.
 */
export class ModelCache {
  readonly storage: Storage;
  readonly #maxBytes: number;

  constructor(storage: Storage, maxBytes: number) {
    this.storage = storage;
    this.#maxBytes = maxBytes;
  }

  /** Key of a file of a model. */
  fileKey(id: string, name: string): string {
    return `${id}/files/${name}`;
  }

  /** Key under which processes agree on who fetches a model. */
  leaseKey(id: string): string {
    return `${id}/lease`;
  }

  /** A file that is there whole. */
  async find(id: string, name: string): Promise<CachedFile | undefined> {
    const known = await this.#read<CachedFile>(this.#infoKey(id, name));
    const file = known && (await this.storage.stat(this.fileKey(id, name)));
    return file !== undefined && file.size === known!.size ? known : undefined;
  }

  /** Notes that a file is there whole. */
  async note(id: string, name: string, file: CachedFile): Promise<void> {
    await writeJson(this.storage, this.#infoKey(id, name), file);
  }

  /** Notes that a model was asked for, which keeps it from being removed. */
  async touch(id: string): Promise<void> {
    await writeJson(this.storage, `${id}/used`, { at: Date.now() });
  }

  /** Forgets a file. */
  async forget(id: string, name: string): Promise<void> {
    await this.storage.delete(this.#infoKey(id, name));
    await this.storage.delete(this.fileKey(id, name));
  }

  /** Removes the models that were not asked for the longest until the others fit into the limit; `kept` stays. */
  async evict(kept: string): Promise<void> {
    const models = new Map<string, { bytes: number; keys: string[] }>();
    let total = 0;
    for await (const { key, size } of this.storage.list()) {
      const id = key.slice(0, key.indexOf('/'));
      const model = models.get(id) ?? { bytes: 0, keys: [] };
      models.set(id, model);
      model.bytes += size;
      model.keys.push(key);
      total += size;
    }
    if (total <= this.#maxBytes) return;
    models.delete(kept);
    for (const [id, { keys }] of models) {
      const lease = this.leaseKey(id);
      // What a dead process left is no reason to keep a model.
      if (keys.includes(lease) && (await isHeld(this.storage, lease))) models.delete(id);
    }
    const dated = await Promise.all(
      [...models].map(async ([id, model]) => ({ ...model, at: await this.#lastUse(id) })),
    );
    for (const { keys, bytes } of dated.sort((a, b) => a.at - b.at)) {
      if (total <= this.#maxBytes) return;
      for (const key of keys) await this.storage.delete(key);
      total -= bytes;
    }
  }

  async #lastUse(id: string): Promise<number> {
    return (await this.#read<{ at: number }>(`${id}/used`))?.at ?? 0;
  }

  /** What was written here before; what is damaged counts as not there. */
  async #read<Value>(key: string): Promise<Value | undefined> {
    try {
      return await readJson<Value>(this.storage, key);
    } catch (error) {
      if (isPerceptError(error, 'STORAGE_JSON_INVALID')) return undefined;
      throw error;
    }
  }

  #infoKey(id: string, name: string): string {
    return `${id}/known/${name}.json`;
  }
}
