import { PerceptError } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import * as z from 'zod';
import type { Range } from './calibration/clip-range.js';
import type { ActivationFormat, ActivationType, WeightBits, WeightFormat } from './quantization-parameters.js';

/** Another quantization for some tensors. Where several match, a later one adds to the earlier. */
export interface QuantizationOverride {
  /** A name, or a pattern that is looked for in names. */
  readonly match: string | RegExp;
  /**
   * For values of that name. `'float'`: not quantized, and neither is what reads or makes them, a last Gemm or MatMul
   * aside. `range` is in the units of the value and replaces the calibrated one.
   */
  readonly activations?:
    | 'float'
    | {
        readonly type?: ActivationType | undefined;
        readonly symmetric?: boolean | undefined;
        readonly range?: Range | undefined;
      }
    | undefined;
  /** For Conv, Gemm and MatMul nodes of that name (unnamed: of their output's), or with a weight of that name. */
  readonly weights?:
    | 'float'
    | { readonly bits?: WeightBits | undefined; readonly perChannel?: boolean | undefined }
    | undefined;
}

/** The form of a list of overrides. */
export const overridesSchema = z.array(
  z.strictObject({
    match: z.union([z.string(), z.instanceof(RegExp)]),
    activations: z
      .union([
        z.literal('float'),
        z.strictObject({
          type: z.enum(['uint8', 'int8', 'uint16', 'int16']).optional(),
          symmetric: z.boolean().optional(),
          range: z.tuple([z.number(), z.number()]).optional(),
        }),
      ])
      .optional(),
    weights: z
      .union([
        z.literal('float'),
        z.strictObject({ bits: z.literal([7, 8]).optional(), perChannel: z.boolean().optional() }),
      ])
      .optional(),
  }),
);

/** Answers what holds for a tensor. */
export class Overrides {
  readonly #overrides: readonly QuantizationOverride[];

  constructor(overrides: readonly QuantizationOverride[] = []) {
    this.#overrides = overrides;
  }

  /**
   * @throws PerceptError `INVALID_ARGUMENT` for a name, no pattern, that nothing in the graph has
   */
  check(graph: Graph): void {
    const names = new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
    for (const node of graph.nodes) for (const name of [node.name, ...node.outputs]) names.add(name);
    for (const { match } of this.#overrides) {
      if (typeof match !== 'string' || names.has(match)) continue;
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected the name of a node or value of graph ${graph.name} for match of an override but received ${match}`,
      );
    }
  }

  /** Whether a value must not be quantized. */
  keepsValueFloat(value: string): boolean {
    return this.#of('activations', [value]).at(-1) === 'float';
  }

  /** Whether a node's weight must not be quantized. */
  keepsNodeFloat(node: Node): boolean {
    return this.#of('weights', namesOf(node)).at(-1) === 'float';
  }

  /** How a value is quantized, and between which ends if not those measured. */
  activation(value: string, usual: ActivationFormat): ActivationFormat & { readonly range?: Range } {
    const merged: { type: ActivationType; symmetric: boolean; range?: Range } = { ...usual };
    for (const override of this.#of('activations', [value])) {
      if (override === 'float') continue;
      merged.type = override.type ?? merged.type;
      merged.symmetric = override.symmetric ?? merged.symmetric;
      if (override.range !== undefined) merged.range = override.range;
    }
    return merged;
  }

  /** How a node's weight is quantized. */
  weight(node: Node, usual: WeightFormat): WeightFormat {
    return this.#of('weights', namesOf(node)).reduce<WeightFormat>(
      (merged, override) =>
        override === 'float'
          ? merged
          : { bits: override.bits ?? merged.bits, perChannel: override.perChannel ?? merged.perChannel },
      usual,
    );
  }

  #of<Key extends 'activations' | 'weights'>(key: Key, names: readonly string[]) {
    return this.#overrides
      .filter(({ match }) =>
        names.some((name) => (typeof match === 'string' ? match === name : name.search(match) >= 0)),
      )
      .map((override) => override[key] as QuantizationOverride[Key])
      .filter((value) => value !== undefined);
  }
}

function namesOf(node: Node): string[] {
  return [node.name === '' ? (node.outputs[0] ?? '') : node.name, node.inputs[1] ?? ''];
}
