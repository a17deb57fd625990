/**
 * Waits for one promise after another, each of which can be given up. Not `Promise.race` with one promise that stands for
 * giving up: that one would keep a reaction for every wait, and with it what was waited for, until all is done.
 */
export class Waiting {
  #wake = (): void => {};

  /** What the promise gives, or `undefined` as soon as it is given up. */
  for<Value>(promise: Promise<Value>): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      promise.then(resolve, reject);
    });
  }

  /** Gives up the wait that is under way, if there is one. */
  readonly giveUp = (): void => this.#wake();
}
