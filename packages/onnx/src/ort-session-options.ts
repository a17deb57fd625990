import type * as onnxruntime from 'onnxruntime-node';
import { type ExecutionProvider, providerName } from './execution-provider.js';
import type { SessionOptions } from './runtime.js';

/** Providers that are the processor themselves: others fall back to them. */
export const processors = ['cpu', 'wasm'];

/** Options as onnxruntime takes them, for a session on the first of the providers; `strict` forbids nodes on the CPU. */
export function ortSessionOptions(
  options: SessionOptions,
  providers: readonly (string | ExecutionProvider)[],
  { strict, tracePrefix }: { readonly strict: boolean; readonly tracePrefix: string | undefined },
): onnxruntime.InferenceSession.SessionOptions {
  const [first, ...others] = providers as [string | ExecutionProvider, ...(string | ExecutionProvider)[]];
  const name = providerName(first);
  return {
    executionProviders: [first, ...companions(name, others)].map(toOrt),
    graphOptimizationLevel: options.graphOptimization ?? 'all',
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(typeof first !== 'string' && first.name === 'cpu' ? { enableCpuMemArena: first.useArena ?? true } : {}),
    ...(options.memoryPattern === undefined ? {} : { enableMemPattern: options.memoryPattern }),
    ...(options.optimizedModelPath === undefined ? {} : { optimizedModelFilePath: options.optimizedModelPath }),
    ...(options.externalData === undefined ? {} : { externalData: [...options.externalData] }),
    ...(tracePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: `${tracePrefix}${name}` }),
    // A library prints nothing: warnings about a model are not worth the user's terminal, errors are thrown.
    logSeverityLevel: 4,
    extra: {
      // Threads that spin while they wait take the cores from the other sessions of a process.
      'session.intra_op.allow_spinning': '0',
      ...(strict ? { 'session.disable_cpu_ep_fallback': '1' } : {}),
      ...options.configEntries,
    },
  };
}

/** What TensorRT lacks is CUDA's, if that is wanted at all: it keeps data on the same device. */
function companions(name: string, others: readonly (string | ExecutionProvider)[]) {
  return name === 'tensorrt' ? others.filter((other) => providerName(other) === 'cuda') : [];
}

function toOrt(provider: string | ExecutionProvider): onnxruntime.InferenceSession.ExecutionProviderConfig {
  return typeof provider === 'string' || provider.name === 'cpu'
    ? providerName(provider)
    : (provider as onnxruntime.InferenceSession.ExecutionProviderConfig);
}
