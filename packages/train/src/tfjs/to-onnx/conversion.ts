// What converters of layers share: the graph in the making, the weights, and helpers.
import { elementCount, PerceptError, type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder } from '@percept/onnx';
import type { TfLayer, TfLayersModel, TfLayerVariable } from '../tensor-flow-module.js';
import { weightNames } from '../weight-names.js';
import { type ImageAxes, inLayerOrder, type LayerValue } from './layer-value.js';
import { toOnnxOrder, type WeightLayout } from './weight-layout.js';

/** How constants begin that stand where ONNX wants a weight and the layer has none. */
export const fixedPrefix = 'fixed';

/** Values of weights, float32 in the layout of the layers. */
export type WeightValues = ReadonlyMap<TfLayerVariable, Float32Array>;

/** One use of a layer. */
export interface LayerCall {
  readonly layer: TfLayer;
  /** The layer's own options. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly LayerValue[];
  readonly outputShape: readonly (number | null)[];
}

/** Emits a layer. */
export type LayerConverter = (to: Conversion, call: LayerCall) => LayerValue;

/** A LayersModel on its way to ONNX. */
export class Conversion {
  readonly g: GraphBuilder;
  readonly axes: ImageAxes;
  /** How each weight was laid out, by its name. */
  readonly layouts = new Map<string, { readonly weight: TfLayerVariable; readonly layout: WeightLayout }>();
  readonly #names: ReadonlyMap<TfLayerVariable, string>;
  readonly #values: WeightValues;
  readonly #constants = new Map<string, string>();

  constructor(model: TfLayersModel, values: WeightValues, axes: ImageAxes) {
    this.g = new GraphBuilder(model.name);
    this.axes = axes;
    this.#names = weightNames(model);
    this.#values = values;
  }

  /** The layer's weight of a kind, such as `kernel`; `undefined` where it has none. */
  weightOf(layer: TfLayer, kind: string): TfLayerVariable | undefined {
    return layer.weights.find(({ originalName }) => originalName.slice(originalName.lastIndexOf('/') + 1) === kind);
  }

  /** The layer's weight of a kind as an initializer, under its own name. A shared layer's is made once. */
  parameter(layer: TfLayer, kind: string, layout?: WeightLayout): string | undefined {
    const weight = this.weightOf(layer, kind);
    if (weight === undefined) return undefined;
    const name = this.#names.get(weight)!;
    const dims = weight.shape as readonly number[];
    const used = layout ?? { view: dims, perm: [...dims.keys()], dims };
    const before = this.layouts.get(name)?.layout;
    if (before !== undefined) {
      if (JSON.stringify(before) === JSON.stringify(used)) return name;
      unsupportedLayer(layer, 'images of several sizes, flattened,');
    }
    this.layouts.set(name, { weight, layout: used });
    const data = toOnnxOrder(this.#values.get(weight)!, used);
    return this.g.initializer(name, tensor('float32', [...used.dims], data));
  }

  /** A constant that is no weight. Equal ones are made once. */
  constant(type: 'float32' | 'int64', dims: readonly number[], values: readonly number[], hint = 'constant'): string {
    const key = `${type} ${dims.join()} ${values.join()}`;
    let name = this.#constants.get(key);
    if (name === undefined) {
      const value: Tensor = tensor(type, [...dims], type === 'int64' ? values.map(BigInt) : [...values]);
      name = this.g.constant(value, hint);
      this.#constants.set(key, name);
    }
    return name;
  }

  /** A float32 scalar. */
  scalar(value: number): string {
    return this.constant('float32', [], [value], 'scalar');
  }

  /** An int64 vector. */
  integers(values: readonly number[]): string {
    return this.constant('int64', [values.length], values, 'integers');
  }

  node(
    opType: string,
    inputs: readonly (string | undefined)[],
    attributes: Record<string, AttributeInput> = {},
  ): string {
    const present = inputs.filter((input) => input !== undefined);
    return this.g.node(opType, present, attributes);
  }

  /** The value with its numbers in the order of the layers. */
  inLayerOrder(value: LayerValue): LayerValue {
    return inLayerOrder(this.g, value, (dims) => this.integers(dims));
  }

  /** The layout of a weight with one number for every feature of a flattened image; `undefined`: as it is. */
  flattenedLayout({ flattened }: LayerValue): WeightLayout | undefined {
    return flattened && { view: [...flattened], perm: [2, 0, 1], dims: [elementCount(flattened)] };
  }
}

/** Refuses a layer, saying what of it has no counterpart. */
export function unsupportedLayer(layer: TfLayer, what: string): never {
  throw new PerceptError(
    'TRAIN_UNSUPPORTED',
    `Expected layers that ONNX has but received ${what} in layer ${layer.name} (${layer.getClassName()}). Replace the layer, or leave it out of the model`,
    { details: { layer: layer.name, className: layer.getClassName() } },
  );
}
