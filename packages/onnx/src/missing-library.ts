import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const packages: Readonly<Record<string, string>> = {
  cuda: 'the CUDA 12 toolkit and cuDNN 9 (https://developer.nvidia.com/cuda-downloads, https://developer.nvidia.com/cudnn)',
  tensorrt: 'TensorRT 10 for CUDA 12, the CUDA 12 toolkit and cuDNN 9 (https://developer.nvidia.com/tensorrt)',
};

/** What a provider lacks on this machine, and how to get it; `reason` is what onnxruntime says. */
export async function explainMissing(provider: string, reason: string): Promise<string> {
  if (provider === 'webgpu') {
    return `${reason.trim()}. WebGPU needs a graphics driver with Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows); on Linux install libvulkan1 and the driver of the GPU`;
  }
  const needed = packages[provider];
  if (needed === undefined) return reason;
  if (process.platform === 'darwin')
    return `${reason}. onnxruntime-node has no ${provider} for macOS: use coreml or webgpu`;
  const library = providerLibrary(provider);
  if (library === undefined || !existsSync(library)) {
    return `${reason}: ${library ?? `the library of ${provider}`} is missing, because npm was told to ignore install scripts. Fetch it: node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12`;
  }
  const missing = await unresolved(library);
  const names = missing.length === 0 ? 'a library that it needs' : missing.join(', ');
  return `${reason}: ${names} cannot be found. Install ${needed}, and name its folder in LD_LIBRARY_PATH before the process starts`;
}

/** Where onnxruntime-node keeps a provider's library, whether it is there or not. */
function providerLibrary(provider: string): string | undefined {
  try {
    const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
    const file =
      process.platform === 'win32'
        ? `onnxruntime_providers_${provider}.dll`
        : `libonnxruntime_providers_${provider}.so`;
    return join(root, 'bin', 'napi-v6', process.platform, process.arch, file);
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
