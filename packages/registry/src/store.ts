import { isPerceptError, PerceptError } from '@percept/core';
import { type Storage, writeJson } from '@percept/storage';
import { format, formatKey } from './layout.js';
import { readRecord, schemas } from './records.js';

/** A storage whose format has been checked, once per direction. */
export class Store {
  readonly #storage: Storage;
  #checked = false;
  #created = false;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /**
   * The storage, for reading. An empty one is an empty registry.
   *
   * @throws PerceptError `REGISTRY_FORMAT_UNSUPPORTED`, `REGISTRY_CORRUPT`
   */
  async reading(): Promise<Storage> {
    if (!this.#checked) this.#checked = await this.#isRegistry();
    return this.#storage;
  }

  /** The storage, for writing. Marks it as a registry before the first write; throws as {@link Store.reading}. */
  async writing(): Promise<Storage> {
    if (this.#created) return this.#storage;
    if (!(await this.#isRegistry())) {
      try {
        await writeJson(this.#storage, formatKey, { format }, { ifAbsent: true });
      } catch (error) {
        if (!isPerceptError(error, 'STORAGE_EXISTS')) throw error;
        await this.#isRegistry();
      }
    }
    this.#created = true;
    return this.#storage;
  }

  async #isRegistry(): Promise<boolean> {
    const found = await readRecord(this.#storage, formatKey, schemas.format);
    if (found === undefined) return false;
    if (found.format === format) return true;
    throw new PerceptError(
      'REGISTRY_FORMAT_UNSUPPORTED',
      `Expected a registry of format ${format} in ${this.#storage.description} but found format ${found.format}; install the version of @percept/registry that wrote it`,
      { details: { found: found.format, supported: format } },
    );
  }
}
