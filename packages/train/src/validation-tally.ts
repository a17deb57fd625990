/** Mean cross-entropy and accuracy of logits, batch by batch. */
export class ValidationTally {
  readonly #classes: number;
  #images = 0;
  #correct = 0;
  #loss = 0;

  constructor(classes: number) {
    this.#classes = classes;
  }

  /** Adds the logits `[N, classes]` of a batch. A largest logit that is not the only one counts as wrong. */
  add(scores: Float32Array, labels: ArrayLike<bigint>): void {
    for (let row = 0; row < labels.length; row++) {
      const logits = scores.subarray(row * this.#classes, (row + 1) * this.#classes);
      const label = Number(labels[row]);
      const target = logits[label]!;
      let largest = -Infinity;
      let rivals = 0;
      for (const [index, logit] of logits.entries()) {
        largest = Math.max(largest, logit);
        if (index !== label && !(logit < target)) rivals++;
      }
      let sum = 0;
      for (const logit of logits) sum += Math.exp(logit - largest);
      this.#loss += Math.log(sum) + largest - target;
      if (rivals === 0) this.#correct++;
      this.#images++;
    }
  }

  figures(): { validationLoss: number; validationAccuracy: number } {
    return { validationLoss: this.#loss / this.#images, validationAccuracy: this.#correct / this.#images };
  }
}
