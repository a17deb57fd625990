// Writes a graph as a TFLite file. A FlatBuffer is built from its end to its beginning, so the large buffers are made
// first and lie last.
import { PerceptError } from '@percept/core';
import { Builder } from 'flatbuffers';
import type { OperatorOptions, Quantization, TfliteGraph } from './graph.js';
import { operatorVersion } from './operator-version.js';
import { builtinOperators, fileIdentifier, optionTables, schemaVersion, slots, tensorTypes } from './schema.js';

/** What a file says beside its graph. */
export interface TfliteFileFacts {
  readonly name: string;
  readonly description: string;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names under which a caller feeds and reads the graph's inputs and outputs, in their order. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** Offsets in a FlatBuffer are 32 bits, of which one is a sign. */
const largestFile = 2 ** 31 - 1;
/** `Buffer.data` has `force_align: 16`. */
const bufferAlignment = 16;
/** Codes up to this one stand in the old field too, which held a byte. */
const largestOldCode = 127;

/**
 * The bytes of the file.
 *
 * @throws PerceptError `OPTIMIZE_TFLITE_TOO_LARGE` when the constants do not fit into the format's 2 GiB
 */
export function writeTfliteFile(graph: TfliteGraph, facts: TfliteFileFacts): Uint8Array {
  const size = graph.tensors.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  if (size > largestFile - 2 ** 20) {
    throw new PerceptError(
      'OPTIMIZE_TFLITE_TOO_LARGE',
      `Expected constants below 2 GiB, which a TFLite file can address, but received ${size} bytes. Store the weights as float16, or quantize the model`,
      { details: { bytes: size } },
    );
  }
  return new FileWriter(new Builder(size + 2 ** 16), graph, facts).write();
}

class FileWriter {
  readonly #builder: Builder;
  readonly #graph: TfliteGraph;
  readonly #facts: TfliteFileFacts;
  readonly #buffers: number[] = [];

  constructor(builder: Builder, graph: TfliteGraph, facts: TfliteFileFacts) {
    this.#builder = builder;
    this.#graph = graph;
    this.#facts = facts;
  }

  write(): Uint8Array {
    const builder = this.#builder;
    // Buffer 0 is empty by convention: what every value without data refers to.
    const empty = this.#buffer(undefined);
    const ofTensor = this.#graph.tensors.map(({ data }) => (data === undefined ? empty : this.#buffer(data)));
    const text = new TextEncoder();
    const metadata = Object.entries(this.#facts.metadata).map(
      ([name, value]) => [name, this.#buffer(text.encode(value))] as const,
    );
    const entries = metadata.map(([name, buffer]) => {
      const nameAt = builder.createString(name);
      return this.#table(slots.metadata.fieldCount, () => {
        builder.addFieldOffset(slots.metadata.name, nameAt, 0);
        builder.addFieldInt32(slots.metadata.buffer, buffer, 0);
      });
    });
    const { codes, indices } = this.#operatorCodes();
    const subgraph = this.#subgraph(ofTensor, indices);
    const signature = this.#signature();
    const description = builder.createString(this.#facts.description);
    const codesAt = this.#offsets(codes);
    const subgraphsAt = this.#offsets([subgraph]);
    const buffersAt = this.#offsets(this.#buffers);
    const metadataAt = this.#offsets(entries);
    const signaturesAt = this.#offsets([signature]);
    const model = this.#table(slots.model.fieldCount, () => {
      builder.addFieldInt32(slots.model.version, schemaVersion, 0);
      builder.addFieldOffset(slots.model.operatorCodes, codesAt, 0);
      builder.addFieldOffset(slots.model.subgraphs, subgraphsAt, 0);
      builder.addFieldOffset(slots.model.description, description, 0);
      builder.addFieldOffset(slots.model.buffers, buffersAt, 0);
      builder.addFieldOffset(slots.model.metadata, metadataAt, 0);
      builder.addFieldOffset(slots.model.signatureDefs, signaturesAt, 0);
    });
    builder.finish(model, fileIdentifier);
    return builder.asUint8Array().slice();
  }

  #buffer(data: Uint8Array | undefined): number {
    const builder = this.#builder;
    let at = 0;
    if (data !== undefined) {
      builder.prep(bufferAlignment, data.length);
      at = builder.createByteVector(data);
    }
    this.#buffers.push(this.#table(slots.buffer.fieldCount, () => builder.addFieldOffset(slots.buffer.data, at, 0)));
    return this.#buffers.length - 1;
  }

  #operatorCodes(): { codes: number[]; indices: number[] } {
    const builder = this.#builder;
    const known = new Map<string, number>();
    const codes: number[] = [];
    const indices = this.#graph.operators.map((operator) => {
      const version = operatorVersion(operator, this.#graph);
      const key = `${operator.operator} ${version}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const code = builtinOperators[operator.operator];
      codes.push(
        this.#table(slots.operatorCode.fieldCount, () => {
          builder.addFieldInt8(slots.operatorCode.deprecatedBuiltinCode, Math.min(code, largestOldCode), 0);
          builder.addFieldInt32(slots.operatorCode.version, version, 1);
          builder.addFieldInt32(slots.operatorCode.builtinCode, code, 0);
        }),
      );
      known.set(key, codes.length - 1);
      return codes.length - 1;
    });
    return { codes, indices };
  }

  #subgraph(buffers: readonly number[], codeIndices: readonly number[]): number {
    const builder = this.#builder;
    const tensors = this.#graph.tensors.map(({ name, shape, type, quantization }, at) => {
      const nameAt = builder.createString(name);
      const shapeAt = this.#int32s(shape);
      const quantizationAt = quantization === undefined ? 0 : this.#quantization(quantization);
      return this.#table(slots.tensor.fieldCount, () => {
        builder.addFieldOffset(slots.tensor.shape, shapeAt, 0);
        builder.addFieldInt8(slots.tensor.type, tensorTypes[type], 0);
        builder.addFieldInt32(slots.tensor.buffer, buffers[at]!, 0);
        builder.addFieldOffset(slots.tensor.name, nameAt, 0);
        builder.addFieldOffset(slots.tensor.quantization, quantizationAt, 0);
        // Tells a scalar from a tensor of unknown rank.
        builder.addFieldInt8(slots.tensor.hasRank, 1, 0);
      });
    });
    const operators = this.#graph.operators.map(({ inputs, outputs, options }, at) => {
      const inputsAt = this.#int32s(inputs);
      const outputsAt = this.#int32s(outputs);
      const optionsAt = options === undefined ? 0 : this.#options(options);
      return this.#table(slots.operator.fieldCount, () => {
        builder.addFieldInt32(slots.operator.opcodeIndex, codeIndices[at]!, 0);
        builder.addFieldOffset(slots.operator.inputs, inputsAt, 0);
        builder.addFieldOffset(slots.operator.outputs, outputsAt, 0);
        if (options === undefined) return;
        builder.addFieldInt8(slots.operator.builtinOptionsType, optionTables[options.table].type, 0);
        builder.addFieldOffset(slots.operator.builtinOptions, optionsAt, 0);
      });
    });
    const tensorsAt = this.#offsets(tensors);
    const operatorsAt = this.#offsets(operators);
    const inputsAt = this.#int32s(this.#graph.inputs);
    const outputsAt = this.#int32s(this.#graph.outputs);
    const nameAt = builder.createString(this.#facts.name);
    return this.#table(slots.subGraph.fieldCount, () => {
      builder.addFieldOffset(slots.subGraph.tensors, tensorsAt, 0);
      builder.addFieldOffset(slots.subGraph.inputs, inputsAt, 0);
      builder.addFieldOffset(slots.subGraph.outputs, outputsAt, 0);
      builder.addFieldOffset(slots.subGraph.operators, operatorsAt, 0);
      builder.addFieldOffset(slots.subGraph.name, nameAt, 0);
    });
  }

  #quantization({ scales, zeroPoints, axis }: Quantization): number {
    const builder = this.#builder;
    builder.startVector(4, scales.length, 4);
    for (const scale of scales.toReversed()) builder.addFloat32(scale);
    const scalesAt = builder.endVector();
    builder.startVector(8, zeroPoints.length, 8);
    for (const zeroPoint of zeroPoints.toReversed()) builder.addInt64(BigInt(zeroPoint));
    const zeroPointsAt = builder.endVector();
    return this.#table(slots.quantizationParameters.fieldCount, () => {
      builder.addFieldOffset(slots.quantizationParameters.scale, scalesAt, 0);
      builder.addFieldOffset(slots.quantizationParameters.zeroPoint, zeroPointsAt, 0);
      builder.addFieldInt32(slots.quantizationParameters.quantizedDimension, axis, 0);
    });
  }

  #options({ table, values }: OperatorOptions): number {
    const builder = this.#builder;
    const fields = Object.entries(optionTables[table].fields);
    const vectors = new Map<string, number>();
    for (const [name] of fields) {
      const value = values[name];
      if (typeof value === 'object') vectors.set(name, this.#int32s(value));
    }
    return this.#table(Math.max(0, ...fields.map(([, [slot]]) => slot + 1)), () => {
      for (const [name, [slot, kind]] of fields) {
        const value = values[name];
        if (value === undefined) continue;
        // What equals the default is written all the same: defaults differ between fields of one kind.
        builder.forceDefaults(true);
        if (kind === 'int8' || kind === 'bool') builder.addFieldInt8(slot, Number(value), 0);
        else if (kind === 'int32') builder.addFieldInt32(slot, Number(value), 0);
        else if (kind === 'float32') builder.addFieldFloat32(slot, Number(value), 0);
        else builder.addFieldOffset(slot, vectors.get(name)!, 0);
        builder.forceDefaults(false);
      }
    });
  }

  #signature(): number {
    const builder = this.#builder;
    const map = (names: readonly string[], tensors: readonly number[]): number =>
      this.#offsets(
        names.map((name, at) => {
          const nameAt = builder.createString(name);
          return this.#table(slots.tensorMap.fieldCount, () => {
            builder.addFieldOffset(slots.tensorMap.name, nameAt, 0);
            builder.addFieldInt32(slots.tensorMap.tensorIndex, tensors[at]!, 0);
          });
        }),
      );
    const inputs = map(this.#facts.inputNames, this.#graph.inputs);
    const outputs = map(this.#facts.outputNames, this.#graph.outputs);
    const key = builder.createString('serving_default');
    return this.#table(slots.signatureDef.fieldCount, () => {
      builder.addFieldOffset(slots.signatureDef.inputs, inputs, 0);
      builder.addFieldOffset(slots.signatureDef.outputs, outputs, 0);
      builder.addFieldOffset(slots.signatureDef.signatureKey, key, 0);
    });
  }

  #table(fieldCount: number, fill: () => void): number {
    this.#builder.startObject(fieldCount);
    fill();
    return this.#builder.endObject();
  }

  #offsets(offsets: readonly number[]): number {
    this.#builder.startVector(4, offsets.length, 4);
    for (const offset of offsets.toReversed()) this.#builder.addOffset(offset);
    return this.#builder.endVector();
  }

  #int32s(values: readonly number[]): number {
    this.#builder.startVector(4, values.length, 4);
    for (const value of values.toReversed()) this.#builder.addInt32(value);
    return this.#builder.endVector();
  }
}
