// The model in use: kept for the next visit, downloaded, or opened from a file.
import type { Storage } from '@percept/storage';
import { byId, element, hueOf, showText, takeDrops, takeFiles } from './dom.js';
import { readJson, writeJson } from './json-files.js';
import { keys } from './keys.js';
import type { LearntEpoch } from './learn.js';
import { inWords } from './plain-error.js';

/** What is known of the model in use beside its file. */
export interface ModelNote {
  /** How it was taught; empty for opened files. */
  readonly epochs: readonly LearntEpoch[];
  /** Name of the file that it was opened from. */
  readonly file?: string;
}

/** What using needs from the rest of the page. */
export interface UsingHelp {
  readonly storage: Storage;
  /** Opens a model in the worker and gives its labels. */
  use(bytes: Uint8Array): Promise<readonly string[]>;
  /** A model is in use. */
  inUse(labels: readonly string[], note: ModelNote): void;
  /** A file was opened by the user. */
  opened(bytes: Uint8Array, labels: readonly string[], name: string): Promise<void>;
  /** Deletes everything. */
  forget(): Promise<void>;
}

/** The part of the page for what was taught. */
export class UsePanel {
  readonly #help: UsingHelp;
  #model: { bytes: Uint8Array; labels: readonly string[] } | undefined;

  constructor(help: UsingHelp) {
    this.#help = help;
    const open = ([file]: File[]): void => void this.#openFile(file!);
    takeFiles(byId<HTMLInputElement>('use-file'), open);
    takeDrops(byId('use'), open);
    byId('use-download').addEventListener('click', () => this.#download());
    const dialog = byId<HTMLDialogElement>('forget-dialog');
    byId('use-forget').addEventListener('click', () => dialog.showModal());
    dialog.addEventListener('close', () => {
      if (dialog.returnValue === 'forget') void help.forget();
      dialog.returnValue = '';
    });
  }

  set locked(locked: boolean) {
    byId('use').inert = locked;
  }

  /** Opens the model of the last visit, if there is one. */
  async open(): Promise<void> {
    const { storage } = this.#help;
    const note = await readJson<ModelNote>(storage, keys.modelNote);
    if (note === undefined || (await storage.stat(keys.model)) === undefined) return;
    try {
      await this.#use(await storage.read(keys.model), note);
    } catch (error) {
      showText(byId('use-problem'), inWords(error));
    }
  }

  /** Uses a model from now on, in later visits too. */
  async take(bytes: Uint8Array, note: ModelNote): Promise<readonly string[]> {
    const { storage } = this.#help;
    const labels = await this.#use(bytes, note);
    await storage.write(keys.model, bytes);
    await writeJson(storage, keys.modelNote, note);
    return labels;
  }

  async #use(bytes: Uint8Array, note: ModelNote): Promise<readonly string[]> {
    const labels = await this.#help.use(bytes);
    this.#model = { bytes, labels };
    this.#show(note);
    this.#help.inUse(labels, note);
    return labels;
  }

  async #openFile(file: File): Promise<void> {
    showText(byId('use-problem'), undefined);
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const labels = await this.take(bytes, { epochs: [], file: file.name });
      await this.#help.opened(bytes, labels, file.name);
    } catch (error) {
      showText(byId('use-problem'), inWords(error));
    }
  }

  #show({ file }: ModelNote): void {
    const { bytes, labels } = this.#model!;
    const size = `${(bytes.length / 1e6).toFixed(1)} MB`;
    byId('use-text').textContent =
      file === undefined
        ? `The camera above shows what your model sees. It is one ONNX file (${size}) that knows its classes and how to look at pictures: it runs wherever ONNX runs.`
        : `The camera above shows what the model of ${file} (${size}) sees.`;
    const list = byId('use-labels');
    list.replaceChildren(
      ...labels.map((label, index) => {
        const item = element('li', {}, label);
        item.style.setProperty('--hue', hueOf(index));
        return item;
      }),
    );
    list.hidden = false;
    byId('use-download').hidden = false;
  }

  #download(): void {
    const { bytes, labels } = this.#model!;
    const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }));
    element('a', { href: url, download: `${fileName(labels)}.onnx` }).click();
    // The browser has taken the bytes by then.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

/** A name of a file that says what the model tells apart. */
export function fileName(labels: readonly string[]): string {
  const words = labels.map((label) => label.toLowerCase().replace(/[^\p{Letter}\p{Number}]+/gu, '-'));
  const name = words.slice(0, 4).join('-').replace(/-+/g, '-').replace(/^-|-$/g, '');
  return name === '' ? 'model' : name;
}
