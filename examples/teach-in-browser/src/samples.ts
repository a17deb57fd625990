// The classes and their pictures, as they lie in the origin private file system.
import type { Storage } from '@percept/storage';
import { readJson, writeJson } from './json-files.js';
import { keys } from './keys.js';
import type { LessonClass } from './lesson.js';

/** A kept picture. */
export interface Picture {
  /** Its key in the storage. */
  readonly key: string;
  /** For image elements. */
  readonly url: string;
}

/** A class that the user has named. */
export interface TaughtClass {
  readonly id: string;
  readonly name: string;
  /** The oldest first. */
  readonly pictures: readonly Picture[];
}

type Mutable = { id: string; name: string; pictures: Picture[] };
type ClassNote = Pick<TaughtClass, 'id' | 'name'>;

/** All classes, at least two of them, and their pictures; every change is kept at once. */
export class Samples {
  readonly #storage: Storage;
  readonly #classes: Mutable[];
  #counter = 0;
  /** Changes are written one after the other, so that the last one wins. */
  #written: Promise<void> = Promise.resolve();

  private constructor(storage: Storage, classes: Mutable[]) {
    this.#storage = storage;
    this.#classes = classes;
  }

  /** Reads what an earlier visit left. */
  static async open(storage: Storage): Promise<Samples> {
    const notes = await readJson<ClassNote[]>(storage, keys.classes);
    const classes = (notes ?? []).map(({ id, name }): Mutable => ({ id, name, pictures: [] }));
    for await (const { key } of storage.list(`${keys.pictures}/`)) {
      const owner = classes.find(({ id }) => key.startsWith(`${keys.pictures}/${id}/`));
      if (owner !== undefined) owner.pictures.push({ key, url: urlOf(await storage.read(key)) });
      // Left by a class that was being removed when the page was closed.
      else if (notes !== undefined) await storage.delete(key);
    }
    const samples = new Samples(storage, classes);
    while (classes.length < 2) samples.#add('');
    return samples;
  }

  get classes(): readonly TaughtClass[] {
    return this.#classes;
  }

  addClass(name = ''): TaughtClass {
    const added = this.#add(name);
    this.#keepNotes();
    return added;
  }

  rename(id: string, name: string): void {
    this.#find(id).name = name;
    this.#keepNotes();
  }

  /** Takes a class out with all its pictures. */
  async removeClass(id: string): Promise<void> {
    const { pictures } = this.#find(id);
    this.#classes.splice(this.#classes.indexOf(this.#find(id)), 1);
    this.#keepNotes();
    for (const picture of pictures) await this.#forget(picture);
  }

  /** Keeps a picture (PNG) for a class. */
  async addPicture(id: string, png: Uint8Array): Promise<Picture> {
    const number = String(this.#counter++).padStart(5, '0');
    const key = `${keys.pictures}/${id}/${Date.now()}-${number}.png`;
    await this.#storage.write(key, png);
    this.#keepNotes();
    const picture = { key, url: urlOf(png) };
    this.#classes.find((taught) => taught.id === id)?.pictures.push(picture);
    return picture;
  }

  async removePicture(id: string, key: string): Promise<void> {
    const { pictures } = this.#find(id);
    const index = pictures.findIndex((picture) => picture.key === key);
    if (index >= 0) await this.#forget(pictures.splice(index, 1)[0]!);
  }

  /** The classes with the keys of their pictures, under the names that people see. */
  lessonClasses(): LessonClass[] {
    return this.#classes.map((taught, index) => ({
      name: displayName(taught, index),
      pictures: taught.pictures.map(({ key }) => key),
    }));
  }

  /** Resolves when everything is kept. */
  settled(): Promise<void> {
    return this.#written;
  }

  #add(name: string): Mutable {
    const numbers = this.#classes.map(({ id }) => Number(id.slice(1)));
    const added: Mutable = { id: `c${Math.max(0, ...numbers) + 1}`, name, pictures: [] };
    this.#classes.push(added);
    return added;
  }

  #find(id: string): Mutable {
    return this.#classes.find((taught) => taught.id === id)!;
  }

  async #forget({ key, url }: Picture): Promise<void> {
    URL.revokeObjectURL(url);
    await this.#storage.delete(key);
  }

  #keepNotes(): void {
    const notes: ClassNote[] = this.#classes.map(({ id, name }) => ({ id, name }));
    this.#written = this.#written.then(() => writeJson(this.#storage, keys.classes, notes)).catch(() => undefined);
  }
}

/** The name that a class goes by: its own, or its number while it has none. */
export function displayName({ name }: Pick<TaughtClass, 'name'>, index: number): string {
  return name.trim() === '' ? `Class ${index + 1}` : name.trim();
}

function urlOf(png: Uint8Array): string {
  return URL.createObjectURL(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
}
