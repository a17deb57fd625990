import type { Tensor } from '@percept/core';
import type { Attribute, Graph, Node } from '@percept/onnx';

/**
 * Nodes and constants that are to be added to a graph, written so that its own operator set (7 to 26) knows them. All
 * names that they make begin with a prefix, by which they are found again.
 */
export class AddedNodes {
  readonly nodes: Node[] = [];
  readonly constants = new Map<string, Tensor>();
  readonly #prefix: string;
  readonly #opset: number;

  constructor(prefix: string, opset: number) {
    this.#prefix = prefix;
    this.#opset = opset;
  }

  /** Adds a standard node of one output, under `output` or a name of its own, and gives that. */
  node(opType: string, inputs: string[], attributes: Record<string, Attribute> = {}, output?: string): string {
    const name = output ?? `${this.#prefix}${opType}.${this.nodes.length}`;
    this.nodes.push({ name: '', opType, domain: '', inputs, outputs: [name], attributes, docString: '' });
    return name;
  }

  /** Adds a constant under the prefix and `hint`. */
  constant(hint: string, value: Tensor): string {
    const name = `${this.#prefix}${hint}`;
    this.constants.set(name, value);
    return name;
  }

  /** Adds a reduction over one axis, which stays with size 1. Its axes became an input with operator set 18. */
  reduce(opType: 'ReduceMean' | 'ReduceL2', value: string, axis: number): string {
    const kept: Attribute = { type: 'int', value: 1 };
    if (this.#opset < 18) return this.node(opType, [value], { axes: { type: 'ints', value: [axis] }, keepdims: kept });
    const axes: Tensor = { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(axis)) };
    return this.node(opType, [value, this.constant(`axis.${axis}`, axes)], { keepdims: kept });
  }

  /** Everything behind the first axis as one: `[N, …]` → `[N, width]`. */
  flatten(value: string, output?: string): string {
    return this.node('Flatten', [value], { axis: { type: 'int', value: 1 } }, output);
  }
}

/** A prefix, `hint` if possible, that no value of a graph begins with. */
export function freshPrefix({ nodes, inputs, initializers }: Graph, hint: string): string {
  const names = [...nodes.flatMap(({ outputs }) => outputs), ...inputs.map(({ name }) => name), ...initializers.keys()];
  let prefix = `${hint}.`;
  while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}
