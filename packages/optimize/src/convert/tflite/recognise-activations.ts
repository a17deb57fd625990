// Functions that exporters write out in parts although TFLite has them whole.
import type { Graph, Node } from '@percept/onnx';
import { floatAttribute } from '../../graph/channel-layout.js';
import { floatConstant, outputNames, producersOf, readersOf } from '../../graph/graph-values.js';
import { isStandard } from '../../graph/simplify.js';

/** Writes GELU (`x · ½ · (1 + erf(x/√2))`, in any order of its factors) and HardSwish (`x · hardSigmoid(x)`) as one node. */
export function recogniseActivations(graph: Graph): void {
  const recogniser = new Recogniser(graph);
  for (const node of [...graph.nodes]) {
    if (isStandard(node, 'Erf')) recogniser.gelu(node);
    else if (isStandard(node, 'HardSigmoid')) recogniser.hardSwish(node);
  }
}

const tolerance = 1e-6;

class Recogniser {
  readonly #graph: Graph;
  readonly #producers: Map<string, Node>;
  readonly #readers: Map<string, Node[]>;
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#producers = producersOf(graph);
    this.#readers = readersOf(graph);
    this.#outputs = outputNames(graph);
  }

  gelu(erf: Node): void {
    const x = this.#scaledInput(erf.inputs[0]!);
    const sum = this.#soleReader(erf.outputs[0]!, 'Add');
    if (x === undefined || sum === undefined || !this.#hasConstant(sum, 1)) return;
    // From the sum on, products are gathered until they are those of x, a half and the sum.
    for (let top = this.#soleReader(sum.outputs[0]!, 'Mul'); top !== undefined; ) {
      const factors = this.#factors(top, x, sum.outputs[0]!);
      const constants = factors.filter((name) => this.#number(name) !== undefined);
      const half = constants.reduce((product, name) => product * this.#number(name)!, 1);
      const values = factors.filter((name) => this.#number(name) === undefined).sort();
      const isGelu = String(values) === String([x, sum.outputs[0]!].sort()) && Math.abs(half - 0.5) < tolerance;
      if (isGelu) {
        this.#replace(top, 'Gelu', x);
        return;
      }
      top = this.#soleReader(top.outputs[0]!, 'Mul');
    }
  }

  hardSwish(hardSigmoid: Node): void {
    const x = hardSigmoid.inputs[0]!;
    const isUsual =
      Math.abs(floatAttribute(hardSigmoid, 'alpha', 0.2) - 1 / 6) < tolerance &&
      floatAttribute(hardSigmoid, 'beta', 0.5) === 0.5;
    const product = this.#soleReader(hardSigmoid.outputs[0]!, 'Mul');
    if (isUsual && product?.inputs.includes(x)) this.#replace(product, 'HardSwish', x);
  }

  /** `x` of `x / √2` or `x · √½`. */
  #scaledInput(name: string): string | undefined {
    const node = this.#producers.get(name);
    if (node === undefined) return undefined;
    if (isStandard(node, 'Div') && this.#isAbout(node.inputs[1]!, Math.SQRT2)) return node.inputs[0];
    if (!isStandard(node, 'Mul')) return undefined;
    const [a, b] = node.inputs as [string, string];
    if (this.#isAbout(b, Math.SQRT1_2)) return a;
    return this.#isAbout(a, Math.SQRT1_2) ? b : undefined;
  }

  /** The factors of a product of products, down to `x` and `sum`. */
  #factors(top: Node, x: string, sum: string): string[] {
    return top.inputs.flatMap((name) => {
      const node = this.#producers.get(name);
      const isLeaf = name === x || name === sum || node === undefined;
      return isLeaf || !isStandard(node, 'Mul') || this.#soleReader(name, 'Mul') === undefined
        ? [name]
        : this.#factors(node, x, sum);
    });
  }

  #soleReader(name: string, opType: string): Node | undefined {
    const readers = this.#readers.get(name) ?? [];
    const [reader] = readers;
    if (readers.length !== 1 || this.#outputs.has(name)) return undefined;
    return isStandard(reader!, opType) ? reader : undefined;
  }

  #number(name: string): number | undefined {
    const value = floatConstant(this.#graph, name);
    return value?.data.length === 1 ? value.data[0] : undefined;
  }

  #isAbout(name: string, wanted: number): boolean {
    const number = this.#number(name);
    return number !== undefined && Math.abs(number - wanted) < tolerance;
  }

  #hasConstant(node: Node, wanted: number): boolean {
    return node.inputs.some((name) => this.#isAbout(name, wanted));
  }

  /** What becomes unread goes with the unused operators at the end. */
  #replace(node: Node, opType: string, x: string): void {
    node.opType = opType;
    node.inputs = [x];
    node.attributes = {};
  }
}
