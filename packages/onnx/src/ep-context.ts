// EPContext models: ONNX files whose graph is, in whole or in part, an engine that was compiled beforehand for one execution
// provider and device (onnxruntime's "EP context" design). They are the only way to give TensorRT a precision, a timing
// cache or a calibration from Node: the engine is made elsewhere and travels inside the model. The nodes are read and
// written here; making an engine is not.
import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { GraphBuilder } from './graph-builder.js';
import type { Attribute, Model, Node, ValueInfo } from './model.js';

/** An engine inside a model. */
export interface EpContext {
  /** Name of its node. */
  readonly node: string;
  /** The provider it is for, as onnxruntime calls it: `TensorrtExecutionProvider`, `QNNExecutionProvider`. */
  readonly source: string;
  /** The engine itself, or the path of its file beside the model; `undefined` when another node of the model has it. */
  readonly engine: Uint8Array | string | undefined;
  /** Version of the library that made it; empty when it is not said. */
  readonly sdkVersion: string;
  /** The device it was made for, such as the compute capability of a GPU; empty when it is not said. */
  readonly hardware: string;
  /** Name of the part of the graph that it stands for; empty when it is not said. */
  readonly partition: string;
}

const domain = 'com.microsoft';

/** The engines inside a model, in the order of its nodes; none for an ordinary one. */
export function readEpContexts(model: Model): EpContext[] {
  return model.graph.nodes.filter(({ opType, domain: of }) => opType === 'EPContext' && of === domain).map(contextOf);
}

function contextOf(node: Node): EpContext {
  const text = (name: string): string => {
    const attribute = node.attributes[name];
    return attribute?.type === 'string' ? attribute.value : '';
  };
  const integer = (name: string, missing: number): number => {
    const attribute = node.attributes[name];
    return attribute?.type === 'int' ? attribute.value : missing;
  };
  const cache = node.attributes.ep_cache_context;
  const embedded = integer('embed_mode', 1) === 1;
  return {
    node: node.name,
    source: text('source'),
    engine: integer('main_context', 1) === 0 ? undefined : embedded ? bytesOf(cache) : text('ep_cache_context'),
    sdkVersion: text('ep_sdk_version'),
    hardware: text('hardware_architecture'),
    partition: text('partition_name'),
  };
}

function bytesOf(attribute: Attribute | undefined): Uint8Array | undefined {
  if (attribute?.type === 'bytes') return attribute.value;
  return attribute?.type === 'string' ? new TextEncoder().encode(attribute.value) : undefined;
}

/** Options of {@link epContextModel}. */
export interface EpContextModelOptions {
  /** Inputs and outputs of the engine, in its order, with types and shapes. */
  inputs: readonly Pick<ValueInfo, 'name' | 'type' | 'dims'>[];
  outputs: readonly Pick<ValueInfo, 'name' | 'type' | 'dims'>[];
  /** The engine, or the path of its file beside the model. */
  engine: Uint8Array | string;
  /** The provider it is for. Default `TensorrtExecutionProvider`. */
  source?: string;
  /** Version of the library that made it. */
  sdkVersion?: string;
  /** The device it was made for, such as `89` for a GPU of compute capability 8.9. */
  hardware?: string;
}

const valueInfo = z.looseObject({ name: z.string().check(z.minLength(1)) });
const schema = z.strictObject({
  inputs: z.array(valueInfo),
  outputs: z.array(valueInfo).check(z.minLength(1)),
  engine: z.union([z.string(), z.instanceof(Uint8Array)]),
  source: z.optional(z.string().check(z.minLength(1))),
  sdkVersion: z.optional(z.string()),
  hardware: z.optional(z.string()),
});

/**
 * A model that is one engine, such as TensorRT's `trtexec --saveEngine` writes, for a session on the provider that it is
 * for.
 *
 * Prefer the bytes of the engine over a path: a session gets the bytes of a model, and has no folder to look in.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options that are unknown, an engine without bytes, no output, or an input or
 *   output without type or shape
 */
export function epContextModel(options: EpContextModelOptions): Model {
  parseOptions(schema, options, 'epContextModel() options');
  const { inputs, outputs, engine, source = 'TensorrtExecutionProvider', sdkVersion, hardware } = options;
  if (engine.length === 0) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected the bytes or the path of an engine but received nothing');
  }
  const graph = new GraphBuilder('ep-context');
  for (const { name, type, dims } of inputs) graph.input(name, ...known(name, type, dims));
  const attributes: Record<string, Attribute> = {
    main_context: { type: 'int', value: 1 },
    embed_mode: { type: 'int', value: typeof engine === 'string' ? 0 : 1 },
    ep_cache_context: typeof engine === 'string' ? { type: 'string', value: engine } : { type: 'bytes', value: engine },
    source: { type: 'string', value: source },
    ...(sdkVersion === undefined ? {} : { ep_sdk_version: { type: 'string', value: sdkVersion } }),
    ...(hardware === undefined ? {} : { hardware_architecture: { type: 'string', value: hardware } }),
  };
  graph.multi(
    'EPContext',
    inputs.map(({ name }) => name),
    attributes,
    { outputs: outputs.map(({ name }) => name), name: 'engine', domain },
  );
  for (const { name, type, dims } of outputs) graph.output(name, ...known(name, type, dims));
  return graph.build();
}

function known(name: string, type: ValueInfo['type'], dims: ValueInfo['dims']) {
  if (type !== undefined && dims !== undefined) return [type, dims] as [never, never];
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected a type and a shape for ${name} of an EPContext model but received ${type ?? 'no type'} ${dims ? '' : 'without shape'}`,
  );
}
