import { type Model, readModel, writeModel } from '@percept/onnx';
import type { CheckpointOptions } from './trainer-options.js';

/** The models of the best epochs: ONNX files beside the checkpoint, or in memory without one. */
export class BestModels {
  readonly #checkpoint: CheckpointOptions | undefined;
  readonly #kept = new Map<number, Model>();

  constructor(checkpoint: CheckpointOptions | undefined) {
    this.#checkpoint = checkpoint;
  }

  async keep(epoch: number, model: Model): Promise<void> {
    if (this.#checkpoint === undefined) this.#kept.set(epoch, model);
    else await this.#checkpoint.storage.write(this.#key(epoch), writeModel(model));
  }

  async drop(epoch: number): Promise<void> {
    if (this.#checkpoint === undefined) this.#kept.delete(epoch);
    else await this.#checkpoint.storage.delete(this.#key(epoch));
  }

  async read(epoch: number): Promise<Model> {
    return this.#kept.get(epoch) ?? readModel(await this.#checkpoint!.storage.read(this.#key(epoch)));
  }

  #key(epoch: number): string {
    return `${this.#checkpoint!.key}.best/epoch-${String(epoch).padStart(4, '0')}.onnx`;
  }
}
