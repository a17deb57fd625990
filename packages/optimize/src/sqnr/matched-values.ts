// Which values of a quantized model stand for which of the float model it was made from. Quantizers keep names: the value
// that is converted has the float value's name, or (for outputs of the graph) the value after conversion has it.
import type { Graph, Node } from '@percept/onnx';
import { producersOf, readersOf } from '../graph/graph-values.js';
import { isStandard } from '../graph/simplify.js';

/** A float value, and where the quantized graph has it. */
export interface MatchedValue {
  /** Name in the float graph. */
  readonly name: string;
  /** The node of the quantized graph that makes it, before it is converted; absent for inputs. */
  readonly node?: Node | undefined;
  /** Name in the quantized graph of what its readers see. */
  readonly after: string;
  /** How it is converted there; absent where it stays float. */
  readonly conversion?: Conversion | undefined;
}

/** A QuantizeLinear and the DequantizeLinear that undoes it. */
interface Conversion {
  /** The float value before. */
  readonly before: string;
  readonly quantize: Node;
  readonly dequantize: Node;
  /**
   * Whether all it does is convert. Where a Relu was left to the saturation of the integers, it does what the float node
   * did as well, and what it takes is no approximation of the value.
   */
  readonly pure: boolean;
}

/**
 * The float32 values that both graphs have, in the order in which the float graph makes them; inputs come first.
 *
 * @param isFloat32 - of a value of the float graph
 */
export function matchedValues(float: Graph, quantized: Graph, isFloat32: (name: string) => boolean): MatchedValue[] {
  const conversions = conversionsOf(quantized);
  const producers = producersOf(quantized);
  const made = new Set([...quantized.inputs.map(({ name }) => name), ...producers.keys()]);
  const inputs = float.inputs.filter(({ name }) => !float.initializers.has(name));
  const values = [
    ...inputs.map(({ name }) => ({ name, node: undefined })),
    ...float.nodes
      .filter((node) => !isStandard(node, 'Constant'))
      .flatMap((node) => node.outputs.map((name) => ({ name, node }))),
  ];
  return values.flatMap(({ name, node }): MatchedValue[] => {
    if (name === '' || !isFloat32(name)) return [];
    const pair = conversions.get(name);
    if (pair !== undefined) {
      const maker = producers.get(pair.before);
      const pure = maker?.opType === node?.opType;
      return [{ name, node: maker, after: pair.dequantize.outputs[0]!, conversion: { ...pair, pure } }];
    }
    return made.has(name) ? [{ name, node: producers.get(name), after: name }] : [];
  });
}

/** Conversions of values that are computed, by the name before and by the name after. */
function conversionsOf(graph: Graph): Map<string, Omit<Conversion, 'pure'>> {
  const producers = producersOf(graph);
  const readers = readersOf(graph);
  const inputs = new Set(graph.inputs.filter(({ name }) => !graph.initializers.has(name)).map(({ name }) => name));
  const found = new Map<string, Omit<Conversion, 'pure'>>();
  for (const quantize of graph.nodes) {
    if (!isStandard(quantize, 'QuantizeLinear')) continue;
    const [before, scale] = quantize.inputs as [string, string];
    if (!inputs.has(before) && !producers.has(before)) continue;
    // Another DequantizeLinear may scale on the way back; that is another value.
    const dequantize = readers
      .get(quantize.outputs[0]!)
      ?.find((node) => isStandard(node, 'DequantizeLinear') && node.inputs[1] === scale);
    if (dequantize === undefined) continue;
    const conversion = { before, quantize, dequantize };
    for (const name of [before, dequantize.outputs[0]!]) if (!found.has(name)) found.set(name, conversion);
  }
  return found;
}
