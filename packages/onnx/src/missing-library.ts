import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const nvidia: Readonly<Record<string, string>> = {
  cuda: 'the CUDA 12 toolkit and cuDNN 9 (https://developer.nvidia.com/cuda-downloads, https://developer.nvidia.com/cudnn)',
  tensorrt:
    'TensorRT 10 for CUDA 12, the CUDA 12 toolkit and cuDNN 9 (https://developer.nvidia.com/tensorrt, https://developer.nvidia.com/cuda-downloads, https://developer.nvidia.com/cudnn)',
};

const elsewhere: Readonly<Record<string, string>> = {
  cuda: 'onnxruntime-node has CUDA on Linux x64 only',
  tensorrt: 'onnxruntime-node has TensorRT on Linux x64 only',
  coreml: 'Core ML is on macOS only',
  dml: 'DirectML is on Windows only',
  wasm: 'WebAssembly is a provider of onnxruntimeWeb()',
  webnn: 'WebNN is a provider of onnxruntimeWeb()',
  webgpu: 'onnxruntime-node has WebGPU on desktop systems only',
};

/** What a provider lacks on this machine, and how to get it; `reason` is what onnxruntime says. */
export async function explainMissing(provider: string, reason: string): Promise<string> {
  if (reason.startsWith('not among')) {
    const where = elsewhere[provider];
    return where === undefined ? reason : `${reason}: ${where}`;
  }
  if (provider === 'webgpu') {
    return `${reason}. WebGPU needs a graphics driver with Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows); on Linux install its loader and the driver of the GPU: apt-get install libvulkan1 mesa-vulkan-drivers (NVIDIA: its own driver)`;
  }
  const needed = nvidia[provider];
  if (needed === undefined) return reason;
  const root = packageFolder();
  if (root === undefined) return reason;
  const library = join(
    root,
    'bin',
    'napi-v6',
    process.platform,
    process.arch,
    `libonnxruntime_providers_${provider}.so`,
  );
  if (!existsSync(library)) {
    return `${reason}: ${library} is missing, which onnxruntime-node fetches in its install script. Fetch it: node ${join(root, 'script', 'install.js')} --onnxruntime-node-install=cuda12`;
  }
  const missing = await unresolved(library);
  const names = missing.length === 0 ? 'a library that it needs' : missing.join(', ');
  return `${reason}: ${names} cannot be found. Install ${needed}, and name its folder in LD_LIBRARY_PATH before the process starts`;
}

function packageFolder(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  } catch {
    return undefined;
  }
}

/** The shared libraries that a library needs and the system does not find, as `ldd` tells them. */
async function unresolved(library: string): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('ldd', [library]);
    return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name!);
  } catch {
    return [];
  }
}
