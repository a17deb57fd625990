// The state of a training on the device of TensorFlow.js: the weights of the layers, which are theirs, and beside them what the
// optimizer keeps and the gradients that are added up.
import { elementCount, PerceptError, type Tensor, tensor } from '@percept/core';
import type { EngineOptions } from '../engine.js';
import { optimizerStateName } from '../optimizers/emit-updates.js';
import type { TensorFlow, TfLayersModel, TfLayerVariable, TfTensor, TfVariable } from './tensor-flow-module.js';
import type { TrainedWeight } from './update-graph.js';
import { weightNames } from './weight-names.js';

/** Name of the sum of a weight's gradients since the last update. */
export const accumulatedName = (weight: string): string => `accumulated.${weight}`;

/** Weights and everything beside them, by name. */
export class TfState {
  /** Weights that are trained, in the order of the layers. */
  readonly trained: readonly TrainedWeight[];
  readonly #tf: TensorFlow;
  readonly #weights: ReadonlyMap<string, TfLayerVariable>;
  /** Weights that training changes without a gradient, or not at all. */
  readonly #others: readonly string[];
  readonly #beside = new Map<string, TfTensor>();
  readonly #options: Pick<EngineOptions, 'optimizer' | 'accumulate'>;

  constructor(tf: TensorFlow, model: TfLayersModel, options: Pick<EngineOptions, 'optimizer' | 'accumulate'>) {
    this.#tf = tf;
    this.#options = options;
    const names = weightNames(model);
    this.#weights = new Map([...names].map(([weight, name]) => [name, weight]));
    const nameOf = (weight: TfLayerVariable): string => names.get(weight)!;
    this.trained = model.trainableWeights.map((weight) => ({ name: nameOf(weight), dims: dimsOf(weight) }));
    this.#others = model.nonTrainableWeights.map(nameOf);
  }

  /** The state before the first step, for given values of the weights. */
  initial(values: ReadonlyMap<TfLayerVariable, Float32Array>): Map<string, Tensor> {
    const { optimizer } = this.#options;
    const state = new Map<string, Tensor>();
    for (const [name, { dims, slot, weight }] of this.#layout()) {
      const initial = slot === undefined ? 0 : (optimizer.initial?.[slot] ?? 0);
      const isWeight = slot === undefined && this.#weights.has(name);
      const data =
        isWeight || initial === 'parameter'
          ? values.get(this.#weights.get(weight)!)!
          : new Float32Array(elementCount(dims)).fill(initial);
      state.set(name, tensor('float32', dims, data));
    }
    return state;
  }

  /** Replaces the state by a copy of `given`. */
  restore(given: ReadonlyMap<string, Tensor>): void {
    const layout = this.#layout();
    for (const [name, { dims }] of layout) {
      const value = given.get(name);
      if (value?.type === 'float32' && value.dims.join() === dims.join()) continue;
      throw new PerceptError(
        'TRAIN_CHECKPOINT_MISMATCH',
        `Expected ${name} of float32 [${dims.join(', ')}] in the state but received ${value === undefined ? 'none' : `${value.type} [${value.dims.join(', ')}]`}. Build the LayersModel as it was, with the same names of layers`,
      );
    }
    for (const [name, { dims }] of layout) {
      const data = Float32Array.from(given.get(name)!.data as Float32Array);
      const value = this.#tf.tensor(data, dims, 'float32');
      const variable = this.#variable(name);
      if (variable === undefined) {
        this.#put(name, value);
      } else {
        variable.assign(value);
        value.dispose();
      }
    }
  }

  /** A copy of everything. */
  async snapshot(): Promise<Map<string, Tensor>> {
    const state = new Map<string, Tensor>();
    const copy = async (name: string, value: TfTensor): Promise<void> => {
      state.set(name, tensor('float32', value.shape, Float32Array.from(await value.data())));
    };
    for (const [name, weight] of this.#weights) await copy(name, weight.read());
    for (const [name, value] of this.#beside) await copy(name, value);
    return state;
  }

  /** The present value under a name. */
  get(name: string): TfTensor {
    return this.#variable(name) ?? this.#beside.get(name)!;
  }

  /** The variables that gradients are taken of. */
  variables(): TfVariable[] {
    return this.trained.map(({ name }) => this.#variable(name)!);
  }

  /** Takes new values over; they belong to the state then. Layers apply their constraints. */
  update(next: Readonly<Record<string, TfTensor>>): void {
    for (const [name, value] of Object.entries(next)) {
      const weight = this.#weights.get(name);
      if (weight === undefined) {
        this.#put(name, value);
      } else {
        // A constraint makes tensors on the way.
        this.#tf.tidy(() => void weight.write(value));
        value.dispose();
      }
    }
  }

  /** Remembers the weights that layers change by themselves; the function that it gives puts them back or forgets them. */
  holdOthers(): (how: 'restore' | 'forget') => void {
    return this.#hold(this.#others);
  }

  /** Puts averages in the place of the trained weights until the function that it gives is called. */
  averaged(slot: string | undefined): () => void {
    if (slot === undefined) return () => undefined;
    const settle = this.#hold(this.trained.map(({ name }) => name));
    for (const { name } of this.trained) this.#variable(name)!.assign(this.get(optimizerStateName(slot, name)));
    return () => settle('restore');
  }

  /** Frees what is beside the weights. */
  dispose(): void {
    for (const value of this.#beside.values()) value.dispose();
    this.#beside.clear();
  }

  #hold(names: readonly string[]): (how: 'restore' | 'forget') => void {
    const held = names.map((name) => [this.#variable(name)!, this.#tf.clone(this.#variable(name)!)] as const);
    return (how) => {
      for (const [variable, value] of held) {
        if (how === 'restore') variable.assign(value);
        value.dispose();
      }
    };
  }

  /** Every name of the state: its shape, the weight that it is of, and the slot of the optimizer. */
  #layout(): Map<string, { dims: readonly number[]; weight: string; slot?: string }> {
    const { optimizer, accumulate } = this.#options;
    const layout = new Map<string, { dims: readonly number[]; weight: string; slot?: string }>();
    for (const [name, weight] of this.#weights) layout.set(name, { dims: dimsOf(weight), weight: name });
    for (const slot of optimizer.state) {
      for (const { name, dims } of this.trained)
        layout.set(optimizerStateName(slot, name), { dims, weight: name, slot });
    }
    if (accumulate > 1) {
      for (const { name, dims } of this.trained) layout.set(accumulatedName(name), { dims, weight: name });
    }
    return layout;
  }

  /** The weight as the variable that it is, to be set without the layer's constraint. */
  #variable(name: string): TfVariable | undefined {
    return this.#weights.get(name)?.read() as TfVariable | undefined;
  }

  #put(name: string, value: TfTensor): void {
    this.#beside.get(name)?.dispose();
    this.#beside.set(name, value);
  }
}

function dimsOf({ shape }: TfLayerVariable): readonly number[] {
  return shape as readonly number[];
}
