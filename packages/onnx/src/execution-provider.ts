// The execution providers of onnxruntime and the options of each that its JavaScript packages really read (1.30). What
// they would drop without a word is refused here.

/** How a provider of onnxruntime is named. */
export type ExecutionProviderName = ExecutionProvider['name'] | 'interpreter';

/** A provider with its options. */
export type ExecutionProvider =
  /** The processor, on every system. */
  | {
      readonly name: 'cpu';
      /** Whether memory is kept between runs (an arena): faster, but it never shrinks. Default `true`. */
      readonly useArena?: boolean;
    }
  /** NVIDIA GPUs by CUDA (Node on Linux x64). The Node package reads the device alone. */
  | { readonly name: 'cuda' /** Which GPU, from 0. */; readonly deviceId?: number }
  /**
   * NVIDIA GPUs by TensorRT (Node on Linux x64). The Node package reads the device alone: precision, engine cache and
   * calibration come with an EPContext model, see {@link epContextModel}. Nodes that it lacks go to CUDA if `cuda` stands
   * after it in the list, otherwise to the CPU.
   */
  | { readonly name: 'tensorrt'; readonly deviceId?: number }
  /** DirectX 12 (Node on Windows). */
  | { readonly name: 'dml'; readonly deviceId?: number }
  /** Apple's accelerators (Node on macOS). `coreMlFlags` is the sum of the COREML_FLAG_ values of onnxruntime. */
  | { readonly name: 'coreml'; readonly coreMlFlags?: number }
  /** GPUs by WebGPU, in Node and in browsers. */
  | {
      readonly name: 'webgpu';
      /** Default `NCHW`. */
      readonly preferredLayout?: 'NCHW' | 'NHWC';
      /** Nodes that are computed on the processor nevertheless, by name. */
      readonly forceCpuNodeNames?: readonly string[];
      /** How much the device checks. Default `basic`. */
      readonly validationMode?: 'disabled' | 'wgpuOnly' | 'basic' | 'full';
      /** How buffers of tensors are kept for later use. Default `bucket`. */
      readonly storageBufferCacheMode?: BufferCacheMode;
      /** How uniform buffers are kept for later use. Default `simple`. */
      readonly uniformBufferCacheMode?: BufferCacheMode;
      /** How buffers of timestamp queries are kept for later use. Default `disabled`. */
      readonly queryResolveBufferCacheMode?: BufferCacheMode;
      /** How all other buffers are kept for later use. Default `disabled`. */
      readonly defaultBufferCacheMode?: BufferCacheMode;
      /** Node only: whether shaders check every access to memory. */
      readonly enableRobustness?: boolean;
    }
  /** The processor by WebAssembly (onnxruntime-web). */
  | { readonly name: 'wasm' }
  /** The browser's own neural network API. */
  | {
      readonly name: 'webnn';
      /** Default `cpu`. */
      readonly deviceType?: 'cpu' | 'gpu' | 'npu';
      readonly powerPreference?: 'default' | 'low-power' | 'high-performance';
    };

/** How the WebGPU provider keeps buffers that are free again. */
export type BufferCacheMode = 'disabled' | 'lazyRelease' | 'simple' | 'bucket';

/** A provider that refused a model, and why. */
export interface RefusedProvider {
  readonly provider: string;
  /** In the words of the runtime, with what can be done where we know it. */
  readonly reason: string;
}

/** The name of a provider that is given by name or with options. */
export function providerName(provider: string | ExecutionProvider): string {
  return typeof provider === 'string' ? provider : provider.name;
}
