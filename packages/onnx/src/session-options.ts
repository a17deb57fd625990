import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import type { ExecutionProvider } from './execution-provider.js';
import type { SessionOptions } from './runtime.js';

const deviceId = z.optional(z.int().check(z.gte(0)));
const cacheMode = z.optional(z.enum(['disabled', 'lazyRelease', 'simple', 'bucket']));
const providers = {
  cpu: z.strictObject({ name: z.literal('cpu'), useArena: z.optional(z.boolean()) }),
  cuda: z.strictObject({ name: z.literal('cuda'), deviceId }),
  tensorrt: z.strictObject({ name: z.literal('tensorrt'), deviceId }),
  dml: z.strictObject({ name: z.literal('dml'), deviceId }),
  coreml: z.strictObject({ name: z.literal('coreml'), coreMlFlags: deviceId }),
  webgpu: z.strictObject({
    name: z.literal('webgpu'),
    preferredLayout: z.optional(z.enum(['NCHW', 'NHWC'])),
    forceCpuNodeNames: z.optional(z.array(z.string())),
    validationMode: z.optional(z.enum(['disabled', 'wgpuOnly', 'basic', 'full'])),
    storageBufferCacheMode: cacheMode,
    uniformBufferCacheMode: cacheMode,
    queryResolveBufferCacheMode: cacheMode,
    defaultBufferCacheMode: cacheMode,
    enableRobustness: z.optional(z.boolean()),
  }),
  wasm: z.strictObject({ name: z.literal('wasm') }),
  webnn: z.strictObject({
    name: z.literal('webnn'),
    deviceType: z.optional(z.enum(['cpu', 'gpu', 'npu'])),
    powerPreference: z.optional(z.enum(['default', 'low-power', 'high-performance'])),
  }),
};

const schema = z.strictObject({
  executionProviders: z.optional(
    z.array(z.union([z.string(), z.looseObject({ name: z.string() })])).check(z.minLength(1)),
  ),
  cpuFallback: z.optional(z.boolean()),
  threads: z.optional(z.int().check(z.gte(1), z.lte(1024))),
  graphOptimization: z.optional(z.enum(['all', 'extended', 'basic', 'disabled'])),
  memoryPattern: z.optional(z.boolean()),
  optimizedModelPath: z.optional(z.string()),
  externalData: z.optional(z.array(z.strictObject({ path: z.string(), data: z.instanceof(Uint8Array) }))),
  profiling: z.optional(z.boolean()),
  signal: z.optional(z.instanceof(AbortSignal)),
  configEntries: z.optional(z.record(z.string(), z.string())),
});

/** Options of providers that one runtime reads and another does not. */
const nodeOnly = ['enableRobustness'];

/** Checks the options of `createSession` of a runtime. */
export function checkSessionOptions(options: SessionOptions, runtime: string): SessionOptions {
  parseOptions(schema, options, 'createSession() options');
  for (const provider of options.executionProviders ?? [])
    if (typeof provider !== 'string') checkProvider(provider, runtime);
  return options;
}

function checkProvider(provider: ExecutionProvider, runtime: string): void {
  const known = Object.hasOwn(providers, provider.name) ? providers[provider.name] : undefined;
  // An unknown name is told by the runtime, which knows what is there.
  if (known === undefined) return;
  const readable = Object.keys(known.shape).filter(
    (key) => key !== 'name' && (runtime === 'onnxruntime-node' || !nodeOnly.includes(key)),
  );
  const dropped = Object.keys(provider).filter((key) => key !== 'name' && !readable.includes(key));
  if (dropped.length > 0) {
    throw new PerceptError(
      'ONNX_PROVIDER_OPTION_UNSUPPORTED',
      `Expected ${readable.length === 0 ? 'no options' : `no other option than ${readable.join(', ')}`} for provider ${provider.name} but received ${dropped.join(', ')}, which ${runtime} does not read. ${advice(provider.name)}`,
      { details: { provider: provider.name, dropped, readable } },
    );
  }
  parseOptions(known, provider, `provider ${provider.name} of createSession() options`);
}

function advice(name: string): string {
  if (name === 'cuda') return 'Leave it out: of CUDA only the device can be chosen';
  if (name !== 'tensorrt') return 'Leave it out';
  return 'Precision, engine cache and calibration can only be fixed beforehand: have TensorRT build the engine (trtexec --saveEngine, or onnxruntime in Python with ep.context_enable), put it into a model with epContextModel(), and load that';
}
