import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { expect, it } from 'vitest';

/** A program that opens a model on webgpu, and prints what came of it. */
const program = `
  import { GraphBuilder, writeModel } from '@percept/onnx';
  import { onnxruntimeNode } from '@percept/onnx/backends/node';
  const graph = new GraphBuilder('product');
  const x = graph.input('x', 'float32', ['N', 2]);
  const w = graph.initializer('w', { type: 'float32', dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
  let value = graph.node('MatMul', [x, w]);
  if (process.argv.includes('mixed')) value = graph.node('Cast', [graph.node('Sin', [graph.node('Cast', [value], { to: 11 })])], { to: 1 });
  graph.output(graph.node('Relu', [value], {}, { outputs: ['y'] }), 'float32', ['N', 2]);
  const model = writeModel(graph.build());
  const feeds = { x: { type: 'float32', dims: [1, 2], data: Float32Array.of(1, -1) } };
  const report = [];
  for (const cpuFallback of [false, true]) {
    const executionProviders = [{ name: 'webgpu', preferredLayout: 'NCHW', validationMode: 'full' }];
    try {
      const session = await onnxruntimeNode().createSession(model, { executionProviders, cpuFallback, profiling: true });
      const { y } = await session.run(feeds);
      const { nodes } = await session.profile();
      const providers = [...new Set(nodes.map(({ provider }) => provider))].sort();
      report.push([session.provider, session.cpuFallback, [...y.data], providers]);
      await session.close();
    } catch ({ code, message }) {
      report.push([code, message]);
    }
  }
  console.log(JSON.stringify(report));
`;

function report(env: Record<string, string>, ...args: string[]): unknown[][] {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program, '--', ...args], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  try {
    return JSON.parse(stdout) as unknown[][];
  } catch {
    throw new Error(`Expected a report but received ${stdout}${stderr}`);
  }
}

/** A folder with the Vulkan loader and SwiftShader, a GPU in software, which comes with Chromium. */
async function vulkanFolder(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const folder = dirname(await chromium.executablePath());
  const files = ['libvulkan.so.1', 'libvk_swiftshader.so'].map((name) => join(folder, name));
  return files.every((file) => existsSync(file)) ? folder : undefined;
}

const folder = await vulkanFolder();
const reason = folder === undefined ? ' (skipped: Chromium brings no Vulkan here)' : '';

it.skipIf(folder === undefined)(
  `onnxruntimeNode computes on webgpu, and tells what it leaves to the CPU${reason}`,
  () => {
    const scratch = mkdtempSync(join(tmpdir(), 'percept-test-'));
    try {
      const driver = join(scratch, 'swiftshader.json');
      const library = join(folder!, 'libvk_swiftshader.so');
      writeFileSync(
        driver,
        JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.0.5' } }),
      );
      const env = { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: folder! };
      const whole = ['webgpu', false, [0, 0], ['WebGpuExecutionProvider']];
      expect(report(env)).toEqual([whole, whole]);
      expect(report(env, 'mixed')).toEqual([
        ['ONNX_SESSION_FAILED', expect.stringMatching(/fallback to CPU EP has been explicitly disabled/)],
        ['webgpu', true, [0, 0].map(() => expect.any(Number)), ['CPUExecutionProvider', 'WebGpuExecutionProvider']],
      ]);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  },
);

it.skipIf(process.platform !== 'linux')('onnxruntimeNode says what webgpu needs where there is no adapter', () => {
  const none = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' };
  for (const [code, message] of report(none)) {
    expect(code).toBe('ONNX_PROVIDER_UNAVAILABLE');
    expect(message).toMatch(/webgpu: Failed to get a WebGPU adapter.*libvulkan1/);
  }
});
