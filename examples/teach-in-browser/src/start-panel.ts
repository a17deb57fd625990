// What learning begins with: found beside the page, kept from the last visit, or given by the user.
import type { Storage } from '@percept/storage';
import { announce, byId, showText, takeDrops, takeFiles } from './dom.js';
import { inWords } from './plain-error.js';
import type { PixelRange, StartingNote } from './starting-point.js';
import { keepWeights, keptWeights, servedNote, servedWeights, untaughtNote } from './weights.js';

/** Says in words what is wrong with a file of weights. */
export type CheckWeights = (bytes: Uint8Array, pixels: PixelRange) => Promise<void>;

/** The part of the page with the network that learning begins with. */
export class StartPanel {
  readonly #storage: Storage;
  readonly #check: CheckWeights;
  #note: StartingNote | undefined;

  constructor(storage: Storage, check: CheckWeights) {
    this.#storage = storage;
    this.#check = check;
    const toggle = byId<HTMLButtonElement>('start-change');
    toggle.addEventListener('click', () => this.#showChoices(byId('start-choices').hidden === true));
    const take = ([file]: File[]): void => void this.#takeFile(file!);
    takeFiles(byId<HTMLInputElement>('start-file'), take);
    takeDrops(byId('start-drop'), take);
    byId('start-untaught').addEventListener('click', () => void this.#settle(undefined, untaughtNote));
  }

  /** What learning begins with; `undefined` when there is nothing yet. */
  get note(): StartingNote | undefined {
    return this.#note;
  }

  set locked(locked: boolean) {
    byId('start').inert = locked;
  }

  /** Finds out what there is. */
  async open(): Promise<void> {
    this.#note = await keptWeights(this.#storage);
    if (this.#note === undefined) await this.#fetchServed();
    this.#show();
  }

  /** Takes a model that was opened for use as a beginning, if there is no better one. */
  async offer(bytes: Uint8Array, name: string): Promise<void> {
    if (this.#note !== undefined && this.#note.untaught !== true) return;
    await this.#check(bytes, 'imagenet').then(
      () => this.#settle(bytes, { name, pixels: 'imagenet' }),
      () => undefined,
    );
  }

  async #fetchServed(): Promise<void> {
    const progress = byId<HTMLProgressElement>('start-progress');
    const bytes = await servedWeights((share) => {
      progress.hidden = false;
      progress.value = share;
      byId('start-text').textContent = `Fetching MobileNetV2, once: ${Math.round(share * 100)} %`;
    });
    progress.hidden = true;
    if (bytes === undefined) return;
    try {
      await this.#check(bytes, servedNote.pixels);
      await keepWeights(this.#storage, bytes, servedNote);
      this.#note = servedNote;
    } catch (error) {
      showText(byId('start-problem'), inWords(error));
    }
  }

  async #takeFile(file: File): Promise<void> {
    showText(byId('start-problem'), undefined);
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const pixels = byId<HTMLSelectElement>('start-pixels').value as PixelRange;
      await this.#check(bytes, pixels);
      await this.#settle(bytes, { name: file.name, pixels });
    } catch (error) {
      showText(byId('start-problem'), inWords(error));
    }
  }

  async #settle(bytes: Uint8Array | undefined, note: StartingNote): Promise<void> {
    try {
      await keepWeights(this.#storage, bytes, note);
      this.#note = note;
      this.#show();
      announce(`Learning begins with ${note.name}`);
    } catch (error) {
      showText(byId('start-problem'), inWords(error));
    }
  }

  #show(): void {
    const note = this.#note;
    byId('start').dataset.state = note === undefined ? 'missing' : note.untaught === true ? 'untaught' : 'ready';
    byId('start-change').hidden = note === undefined;
    byId('start-title').textContent = note === undefined ? 'One file is missing' : 'Ready to learn';
    byId('start-text').textContent =
      note === undefined
        ? 'The network that learning begins with is not served beside this page.'
        : `Begins with ${note.name}.${note.untaught === true ? ' Expect little of it.' : ''}`;
    this.#showChoices(note === undefined);
  }

  #showChoices(shown: boolean): void {
    byId('start-choices').hidden = !shown;
    const toggle = byId('start-change');
    toggle.setAttribute('aria-expanded', String(shown));
    toggle.textContent = shown ? 'Close' : 'Change';
  }
}
