// The camera's picture, and over it what the model in use says.
import { Camera, isCameraAllowed } from './camera.js';
import { announce, byId, element, hueOf, pause, showText } from './dom.js';
import { inWords } from './plain-error.js';

/** Gives the probabilities of the classes for a picture. */
export type Look = (picture: ImageBitmap) => Promise<readonly number[] | undefined>;

/** Most rows that fit over a picture. */
const mostRows = 5;
/** Between two looks at the camera. */
const restMilliseconds = 100;

/** The part of the page around the camera. */
export class CameraPanel {
  readonly #camera = new Camera(byId<HTMLVideoElement>('video'));
  readonly #look: Look;
  readonly #verdict = byId('verdict');
  #labels: readonly string[] = [];
  /** Looking pauses while somebody else needs the worker. */
  #pauses = 0;
  /** What was told last to people who listen, and how often the same was seen since. */
  #told = { label: '', seen: 0 };

  constructor(look: Look) {
    this.#look = look;
    byId('camera-on').addEventListener('click', () => void this.turnOn());
    byId('camera-off').addEventListener('click', () => {
      this.#camera.turnOff();
      this.#show();
      byId('camera-on').focus();
    });
    const choice = byId<HTMLSelectElement>('camera-choice');
    choice.addEventListener('change', () => void this.turnOn(choice.value));
    void this.#watch();
    void isCameraAllowed().then((allowed) => (allowed ? this.turnOn() : undefined));
  }

  /** What the camera shows now; `undefined` when it is off. */
  picture(): Promise<ImageBitmap | undefined> {
    return this.#camera.picture();
  }

  async turnOn(id?: string): Promise<void> {
    showText(byId('camera-problem'), undefined);
    const button = byId<HTMLButtonElement>('camera-on');
    button.disabled = true;
    try {
      await this.#camera.turnOn(id, (reason) => {
        this.#show();
        showText(byId('camera-problem'), reason.message);
      });
      await this.#showChoices();
    } catch (error) {
      showText(byId('camera-problem'), inWords(error));
    } finally {
      button.disabled = false;
      this.#show();
    }
  }

  /** Shows what a model with these classes says from now on. */
  useLabels(labels: readonly string[]): void {
    this.#labels = labels;
    this.#told = { label: '', seen: 0 };
    this.#verdict.replaceChildren();
    this.#show();
  }

  /** Leaves the worker alone during `work`. */
  async without<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#pauses++;
    try {
      return await work();
    } finally {
      this.#pauses--;
    }
  }

  #show(): void {
    const { isOn, facesUser } = this.#camera;
    byId('camera-asleep').hidden = isOn;
    byId('camera-controls').hidden = !isOn;
    byId('screen').classList.toggle('mirrored', isOn && facesUser);
    this.#verdict.hidden = !isOn || this.#labels.length === 0;
  }

  async #showChoices(): Promise<void> {
    const choices = await this.#camera.choices();
    const select = byId<HTMLSelectElement>('camera-choice');
    select.hidden = choices.length < 2;
    byId('camera-hint').hidden = !select.hidden;
    select.replaceChildren(...choices.map(({ id, name }) => element('option', { value: id }, name)));
    select.value = this.#camera.id ?? '';
  }

  async #watch(): Promise<void> {
    for (;;) {
      await pause(restMilliseconds);
      if (this.#labels.length === 0 || this.#pauses > 0 || document.hidden) continue;
      const picture = await this.picture();
      if (picture === undefined) continue;
      const labels = this.#labels;
      const scores = await this.#look(picture).catch(() => undefined);
      if (scores !== undefined && labels === this.#labels) this.#showScores(scores);
    }
  }

  #showScores(scores: readonly number[]): void {
    const order = scores.map((_, index) => index).sort((a, b) => scores[b]! - scores[a]!);
    const best = order[0]!;
    const shown = new Set(order.slice(0, mostRows));
    if (this.#verdict.childElementCount !== scores.length) this.#makeRows();
    for (const [index, score] of scores.entries()) {
      const row = this.#verdict.children[index] as HTMLElement;
      row.hidden = !shown.has(index);
      row.classList.toggle('top', index === best);
      row.style.setProperty('--share', String(score));
      row.querySelector('.value')!.textContent = `${Math.round(score * 100)} %`;
    }
    this.#verdict.dataset.scores = JSON.stringify(scores);
    this.#verdict.dataset.label = this.#labels[best];
    this.#tell(this.#labels[best]!);
  }

  #makeRows(): void {
    const rows = this.#labels.map((label, index) => {
      const fill = element('span', { class: 'track', 'aria-hidden': 'true' }, element('span', { class: 'fill' }));
      const row = element(
        'li',
        {},
        element('span', { class: 'name' }, label),
        fill,
        element('span', { class: 'value' }),
      );
      row.style.setProperty('--hue', hueOf(index));
      return row;
    });
    this.#verdict.replaceChildren(...rows);
  }

  /** Speaks of what is seen for a while, not of every flicker. */
  #tell(label: string): void {
    this.#told = label === this.#told.label ? { label, seen: this.#told.seen + 1 } : { label, seen: 0 };
    if (this.#told.seen === 10) announce(`The camera sees: ${label}`);
  }
}
