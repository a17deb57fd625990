// The classes: their names, their pictures, and how they are collected.
import { announce, byId, element, hueOf, icon, pause, showText, takeDrops, takeFiles } from './dom.js';
import { onHold } from './hold-button.js';
import { inWords, PlainError } from './plain-error.js';
import { displayName, type Picture, type Samples, type TaughtClass } from './samples.js';

/** What collecting needs from the rest of the page. */
export interface CollectingHelp {
  /** What the camera shows; `undefined` when it is off. */
  cameraPicture(): Promise<ImageBitmap | undefined>;
  /** Makes the small square that is kept, as PNG. */
  square(picture: ImageBitmap): Promise<Uint8Array>;
  /** Told after every change of names and pictures. */
  changed(): void;
}

/** Between two pictures of a held button. */
const restMilliseconds = 180;
const mostClasses = 12;
const [cross, camera, files] = [
  'M6 6l12 12M18 6 6 18',
  'M4 7h3l1.6-2.2h6.8L17 7h3a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 20 19H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 7Zm8 9.6a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2Z',
  'M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M4.5 15.5V18A1.5 1.5 0 0 0 6 19.5h12a1.5 1.5 0 0 0 1.5-1.5v-2.5',
];

/** The part of the page with the classes. */
export class ClassesPanel {
  readonly #samples: Samples;
  readonly #help: CollectingHelp;
  readonly #list = byId('classes');

  constructor(samples: Samples, help: CollectingHelp) {
    this.#samples = samples;
    this.#help = help;
    byId('add-class').addEventListener('click', () => {
      const added = samples.addClass();
      this.show();
      help.changed();
      this.#card(added.id)?.querySelector<HTMLInputElement>('.name')?.focus();
    });
    this.show();
  }

  /** Shows the classes as they are now. */
  show(): void {
    const { classes } = this.#samples;
    this.#list.replaceChildren(...classes.map((taught, index) => this.#classCard(taught, index)));
    byId('add-class').hidden = classes.length >= mostClasses;
  }

  /** Nothing can be changed while it is being learnt. */
  set locked(locked: boolean) {
    byId('collect').inert = locked;
  }

  /** Marks the pictures that the model takes for another class, by their keys. */
  markDoubts(doubts: ReadonlyMap<string, string>): void {
    for (const button of this.#list.querySelectorAll<HTMLElement>('[data-key]')) {
      const taken = doubts.get(button.dataset.key!);
      button.toggleAttribute('data-doubt', taken !== undefined);
      button.title = taken === undefined ? 'Delete this picture' : `The model takes this for ${taken}. Delete?`;
    }
  }

  /** What the model says of a picture, for everyone who looks into the page. */
  noteScores(key: string, scores: readonly number[]): void {
    const button = this.#list.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (button !== null) button.dataset.scores = JSON.stringify(scores);
  }

  #card(id: string): HTMLElement | null {
    return this.#list.querySelector<HTMLElement>(`[data-class="${id}"]`);
  }

  #classCard(taught: TaughtClass, index: number): HTMLElement {
    const { id } = taught;
    const name = element('input', {
      class: 'name',
      'aria-label': `Name of class ${index + 1}`,
      placeholder: `Class ${index + 1}`,
      maxlength: '40',
      autocomplete: 'off',
      enterkeyhint: 'done',
    });
    name.value = taught.name;
    const collect = element('button', { type: 'button', class: 'hold', 'aria-describedby': 'collect-hint' });
    collect.append(icon(camera!), element('span', {}, 'Hold to collect'));
    const input = element('input', { type: 'file', accept: 'image/*', multiple: '' });
    const choose = element('label', { class: 'button quiet' }, icon(files!), 'Add files', input);
    const remove = element('button', { type: 'button', class: 'bare' }, icon(cross!));
    const head = element('div', { class: 'row' }, name, element('span', { class: 'count' }), remove);
    const actions = element('div', { class: 'row start-side' }, collect, choose);
    const problem = element('p', { class: 'problem', role: 'alert', hidden: '' });
    const thumbs = element('ul', { class: 'thumbs' });
    const card = element('article', { class: 'class', 'data-class': id }, head, actions, problem, thumbs);
    card.style.setProperty('--hue', hueOf(index));

    const relabel = (): void => {
      const shown = displayName(this.#samples.classes.find((other) => other.id === id)!, index);
      card.setAttribute('aria-label', shown);
      collect.setAttribute('aria-label', `Hold to collect pictures of ${shown}`);
      input.setAttribute('aria-label', `Add image files to ${shown}`);
      remove.setAttribute('aria-label', `Remove ${shown} and its pictures`);
      remove.title = 'Remove this class';
      thumbs.setAttribute('aria-label', `Pictures of ${shown}`);
      this.#count(taught, card);
    };
    remove.hidden = this.#samples.classes.length <= 2;
    for (const picture of taught.pictures) thumbs.prepend(this.#thumb(taught, picture));
    relabel();
    name.addEventListener('input', () => {
      this.#samples.rename(id, name.value);
      relabel();
      this.#help.changed();
    });
    name.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') name.blur();
    });
    remove.addEventListener('click', () => void this.#remove(taught, index));
    onHold(collect, (held) => this.#trying(problem, () => this.#collect(taught, card, held)));
    takeFiles(input, (given) => void this.#trying(problem, () => this.#addFiles(taught, card, given)));
    takeDrops(card, (given) => void this.#trying(problem, () => this.#addFiles(taught, card, given)));
    return card;
  }

  async #trying(problem: HTMLElement, work: () => Promise<void>): Promise<void> {
    showText(problem, undefined);
    try {
      await work();
    } catch (error) {
      showText(problem, inWords(error));
    }
  }

  async #collect(taught: TaughtClass, card: HTMLElement, held: () => boolean): Promise<void> {
    let taken = 0;
    do {
      const started = performance.now();
      const picture = await this.#help.cameraPicture();
      if (picture === undefined) throw new PlainError('Turn on the camera first, or add image files.');
      await this.#keep(taught, card, picture);
      taken++;
      if (held()) await pause(Math.max(0, restMilliseconds - (performance.now() - started)));
    } while (held());
    announce(`${taken} taken. ${this.#countWords(taught)} of ${this.#nameOf(taught)}`);
  }

  async #addFiles(taught: TaughtClass, card: HTMLElement, given: readonly File[]): Promise<void> {
    const unread: string[] = [];
    for (const file of given) {
      const picture = await createImageBitmap(file).catch(() => undefined);
      if (picture === undefined) unread.push(file.name);
      else await this.#keep(taught, card, picture);
    }
    announce(`${this.#countWords(taught)} of ${this.#nameOf(taught)}`);
    if (unread.length === 0) return;
    throw new PlainError(
      `${unread.slice(0, 3).join(', ')}${unread.length > 3 ? ` and ${unread.length - 3} more` : ''}: no pictures that this browser can read.`,
    );
  }

  async #keep(taught: TaughtClass, card: HTMLElement, bitmap: ImageBitmap): Promise<void> {
    const picture = await this.#samples.addPicture(taught.id, await this.#help.square(bitmap));
    card.querySelector('.thumbs')!.prepend(this.#thumb(taught, picture));
    this.#count(taught, card);
    this.#help.changed();
  }

  #thumb(taught: TaughtClass, { key, url }: Picture): HTMLElement {
    const image = element('img', { src: url, alt: '', width: '56', height: '56', loading: 'lazy' });
    const button = element('button', { type: 'button', class: 'thumb', 'data-key': key, title: 'Delete this picture' });
    button.append(image, icon(cross!));
    const item = element('li', {}, button);
    button.addEventListener('click', () => {
      const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector('button');
      const card = this.#card(taught.id)!;
      item.remove();
      void this.#samples.removePicture(taught.id, key).then(() => {
        this.#count(taught, card);
        this.#help.changed();
        announce(`Deleted. ${this.#countWords(taught)} left`);
      });
      (next ?? card.querySelector<HTMLElement>('.hold'))?.focus();
    });
    return item;
  }

  async #remove(taught: TaughtClass, index: number): Promise<void> {
    const name = displayName(taught, index);
    await this.#samples.removeClass(taught.id);
    this.show();
    this.#help.changed();
    announce(`Removed ${name}`);
    byId('add-class').focus();
  }

  #count(taught: TaughtClass, card: HTMLElement): void {
    const count = card.querySelector<HTMLElement>('.count')!;
    count.textContent = this.#countWords(taught);
    card.querySelector<HTMLElement>('.thumbs')!.hidden = taught.pictures.length === 0;
    for (const [index, button] of card.querySelectorAll('.thumb').entries()) {
      button.setAttribute('aria-label', `Delete picture ${index + 1} of ${this.#nameOf(taught)}`);
    }
  }

  #countWords({ pictures }: TaughtClass): string {
    return pictures.length === 0
      ? 'no pictures yet'
      : pictures.length === 1
        ? '1 picture'
        : `${pictures.length} pictures`;
  }

  #nameOf(taught: TaughtClass): string {
    return displayName(taught, this.#samples.classes.indexOf(taught));
  }
}
