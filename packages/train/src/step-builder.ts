import { tensor } from '@percept/core';
import { GraphBuilder, type Model, type Node } from '@percept/onnx';
import type { LoweredConvolution, LoweringChoices } from './lowerings/lowering-choices.js';

/** Prefix of the inputs that take random numbers. */
export const randomPrefix = 'random.';

/**
 * A {@link GraphBuilder} with the idioms of gradients: shared constants, slices, reductions to a shape. What is emitted is
 * of operator set 17, or of a later one where a differentiated model needs it.
 */
export class StepBuilder extends GraphBuilder {
  /** How gradients of convolutions are computed; what it does not name is decided by the shape. */
  readonly lowerings: LoweringChoices;
  /** The parts of convolutions' gradients that were emitted, by key. */
  readonly lowered = new Map<string, LoweredConvolution>();
  readonly #constants = new Map<string, string>();
  #opset = 17;
  #randoms = 0;

  constructor(name: string, lowerings: LoweringChoices = {}) {
    super(name);
    this.lowerings = lowerings;
  }

  /** Version of the standard operators, as far as it is known. */
  get opset(): number {
    return this.#opset;
  }

  /** Makes the operator set at least `opset`, up to 22. */
  requireOpset(opset: number): void {
    this.#opset = Math.max(this.#opset, opset);
  }

  /** The model built so far, without the constants that nothing uses. */
  override build(extra: Partial<Model> = {}): Model {
    const opset = this.#opset;
    const { irVersion } = new GraphBuilder('', { opset }).build();
    const emitted = super.build({ irVersion });
    const nodes = opset < 18 ? emitted.graph.nodes : emitted.graph.nodes.map((node) => this.#withAxesAsInput(node));
    const model = super.build({ irVersion });
    const { initializers, outputs } = model.graph;
    const used = new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)]);
    const graph = {
      ...model.graph,
      nodes,
      initializers: new Map([...initializers].filter(([name]) => used.has(name))),
    };
    return { ...model, opsets: { ...model.opsets, '': opset }, graph, ...extra };
  }

  /** A float32 scalar. Equal ones are made once. */
  scalar(value: number): string {
    return this.#shared(`scalar ${value}`, () => this.constant(tensor('float32', [], [value]), 'scalar'));
  }

  /** An int64 vector. Equal ones are made once. */
  integers(values: readonly number[]): string {
    return this.#shared(`integers ${values.join()}`, () =>
      this.constant(tensor('int64', [values.length], values.map(BigInt)), 'integers'),
    );
  }

  reshape(value: string, dims: readonly number[]): string {
    return this.node('Reshape', [value, this.integers(dims)]);
  }

  transpose(value: string, perm: readonly number[]): string {
    return this.node('Transpose', [value], { perm });
  }

  /** `value[starts:ends:steps]` along `axes`, as Slice defines it. */
  slice(
    value: string,
    { starts, ends, axes, steps }: Record<'starts' | 'ends' | 'axes' | 'steps', readonly number[]>,
  ): string {
    return this.node('Slice', [value, ...[starts, ends, axes, steps].map((list) => this.integers(list))]);
  }

  /** Pads with a constant; `before` and `after` hold one size per dimension. Gives `value` itself when all are 0. */
  pad(value: string, before: readonly number[], after: readonly number[], fill = 0): string {
    const pads = [...before, ...after];
    if (pads.every((size) => size === 0)) return value;
    return this.node('Pad', [value, this.integers(pads), this.scalar(fill)]);
  }

  /** Sum over `axes`, which are dropped unless `keep`. */
  reduceSum(value: string, axes: readonly number[], keep = false): string {
    return this.node('ReduceSum', [value, this.integers(axes)], { keepdims: keep ? 1 : 0 });
  }

  /** Sums the axes along which a value of shape `to` was broadcast to shape `from`. */
  reduceTo(value: string, from: readonly number[], to: readonly number[]): string {
    const missing = from.length - to.length;
    const axes = [...from.keys()].filter((axis) => axis < missing || (to[axis - missing] === 1 && from[axis] !== 1));
    if (axes.length === 0) return value;
    return this.reshape(this.reduceSum(value, axes), to);
  }

  /** `slope[c] x + offset[c]` along axis 1, in one pass over `x` (an inference batch normalization is just that). */
  affine(x: string, slope: string, offset: string, channels: number): string {
    const zeros = this.#vector(channels, 0);
    const ones = this.#vector(channels, 1);
    return this.node('BatchNormalization', [x, slope, offset, zeros, ones], { epsilon: { type: 'float', value: 0 } });
  }

  /** A float32 tensor of one value. */
  fill(dims: readonly number[], value: number): string {
    return dims.length === 0 ? this.scalar(value) : this.node('Expand', [this.scalar(value), this.integers(dims)]);
  }

  /**
   * An input that is to be filled anew for every step with numbers evenly distributed over [0, 1), float32 of the shape
   * `dims`. Whoever runs the step fills it by a key of seed, epoch, step and its name, so that a resumed training draws
   * the same.
   */
  random(dims: readonly number[]): string {
    return this.input(`${randomPrefix}${this.#randoms++}`, 'float32', [...dims]);
  }

  /** Every value of a vector `times` times, one after the other. */
  repeatEach(vector: string, length: number, times: number): string {
    if (times === 1) return vector;
    const wide = this.node('Expand', [this.reshape(vector, [length, 1]), this.integers([length, times])]);
    return this.reshape(wide, [length * times]);
  }

  /** 1 where a boolean value is true, 0 where it is not. */
  mask(condition: string): string {
    return this.node('Cast', [condition], { to: 1 });
  }

  /** Since operator set 18 reductions take their axes as an input. */
  #withAxesAsInput(node: Node): Node {
    const { axes, ...attributes } = node.attributes;
    if (node.domain !== '' || !node.opType.startsWith('Reduce') || axes?.type !== 'ints') return node;
    return { ...node, attributes, inputs: [node.inputs[0]!, this.integers(axes.value)] };
  }

  #vector(length: number, value: number): string {
    return this.#shared(`vector ${length} ${value}`, () =>
      this.constant(tensor('float32', [length], new Float32Array(length).fill(value)), 'vector'),
    );
  }

  #shared(key: string, make: () => string): string {
    let name = this.#constants.get(key);
    if (name === undefined) {
      name = make();
      this.#constants.set(key, name);
    }
    return name;
  }
}
