// What the cases are run on: each engine answers a model and its inputs with outputs by name.
import type { Tensor } from '@percept/core';
import { readModel } from '@percept/onnx';
import { evaluateModel, type Value } from '@percept/onnx/backends/interpreter';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { onnxruntimeWeb } from '@percept/onnx/backends/web';
import type { SuiteCase } from './cases.js';
import { CannotAsk } from './outcome.js';

/** Names of the engines, in the order of the tables. */
export const engineNames = ['interpreter', 'onnxruntime-node', 'onnxruntime-web'] as const;

/** One of {@link engineNames}. */
export type EngineName = (typeof engineNames)[number];

/** Computes a case on an engine. Rejects with what the engine says. */
export async function compute(engine: EngineName, suiteCase: SuiteCase): Promise<Record<string, Value>> {
  if (engine === 'interpreter') return evaluateModel(readModel(suiteCase.model), suiteCase.inputs);
  const runtime = engine === 'onnxruntime-node' ? onnxruntimeNode({ worker: false }) : onnxruntimeWeb();
  for (const value of [...Object.values(suiteCase.inputs), ...Object.values(suiteCase.outputs)]) toTensor(value);
  const session = await runtime.createSession(suiteCase.model, { threads: 1 });
  try {
    const known = new Set(session.inputs.map(({ name }) => name));
    const feeds = Object.entries(suiteCase.inputs).filter(([name]) => known.has(name));
    const results = await session.run(Object.fromEntries(feeds.map(([name, value]) => [name, toTensor(value)])));
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, { kind: 'tensor', ...tensor } as Value]),
    );
  } finally {
    await session.close();
  }
}

const bindingTypes = [
  ...['float32', 'float64', 'float16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'],
  ...['bool', 'string'],
];

/** The value as the bindings of onnxruntime for JavaScript take it. */
function toTensor(value: Value): Tensor {
  if (value.kind !== 'tensor') throw new CannotAsk(`the JavaScript binding has no ${value.kind}s`);
  if (!bindingTypes.includes(value.type)) throw new CannotAsk(`the JavaScript binding has no tensors of ${value.type}`);
  return { type: value.type, dims: value.dims, data: value.data } as Tensor;
}
