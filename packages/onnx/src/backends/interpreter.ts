import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { providerName } from '../execution-provider.js';
import { openInterpreterEngine } from '../interpreter/interpreter-engine.js';
import type { Precision } from '../interpreter/kernel.js';
import { checkModelBytes } from '../model-bytes.js';
import { openSession } from '../open-session.js';
import type { Runtime } from '../runtime.js';
import { checkSessionOptions } from '../session-options.js';

export type { ElementData, ElementType } from '../interpreter/element-type.js';
export {
  type EvaluateModelOptions,
  type EvaluateNodeOptions,
  evaluateModel,
  evaluateNode,
} from '../interpreter/evaluate.js';
export type { Precision } from '../interpreter/kernel.js';
export { supportedOperators } from '../interpreter/kernels/index.js';
export type { Feed } from '../interpreter/model-value.js';
export {
  fromNumbers,
  numbers,
  type OptionalValue,
  type SequenceValue,
  type TensorValue,
  tensorValue,
  type Value,
} from '../interpreter/value.js';

const own = 'interpreter';

/** Options of {@link interpreter}. */
export interface InterpreterOptions {
  /**
   * `float64` computes every model in double: float16, bfloat16 and float32 tensors are promoted, and so are the
   * outputs. Inputs are fed in the type that the model says. Default `float32`: each tensor has the type that the
   * model says.
   */
  precision?: Precision;
}

const schema = z.strictObject({ precision: z.optional(z.enum(['float32', 'float64'])) });

/**
 * The reference runtime, in TypeScript: exact and slow, in the thread that calls it, for Node and browsers alike, with
 * nothing to install. Its one execution provider is `interpreter`. Threads, graph optimization and settings of
 * onnxruntime mean nothing to it and are ignored.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unknown options
 */
export function interpreter(options: InterpreterOptions = {}): Runtime {
  const { precision = 'float32' } = parseOptions(schema, options, 'interpreter() options');
  return {
    name: own,
    async createSession(model, sessionOptions = {}) {
      checkModelBytes(model);
      const { executionProviders = [own], externalData, profiling } = checkSessionOptions(sessionOptions, own);
      const names = executionProviders.map(providerName);
      if (!names.includes(own)) {
        throw new PerceptError(
          'ONNX_PROVIDER_UNAVAILABLE',
          `Expected interpreter among the execution providers but received ${names.join(', ')}. Leave the option out`,
        );
      }
      const refused = names
        .slice(0, names.indexOf(own))
        .map((provider) => ({ provider, reason: 'not in interpreter(), whose one provider is interpreter' }));
      const open = () => openInterpreterEngine(model, { precision, refused, externalData, profiling });
      return openSession(open, sessionOptions.signal);
    },
  };
}
