// Compiles the AssemblyScript kernels and returns the text of the TypeScript file that embeds them, so that sources,
// tests and a fresh clone run without a build step. A test compiles again and compares.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** @returns {Promise<{ wasm: Uint8Array, source: string }>} the module, and the TypeScript that embeds it */
export async function compileKernels() {
  const files = new Map();
  const { error, stderr } = await asc.main(
    [
      ...['index.ts', '--baseDir', fileURLToPath(new URL('../assembly', import.meta.url))],
      ...['--outFile', 'kernels.wasm', '--bindings', 'raw'],
      ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--converge'],
    ],
    { readFile: readSource, writeFile: (name, contents) => void files.set(name, contents) },
  );
  if (error) throw new Error(`Compiling the kernels failed:\n${stderr.toString()}`, { cause: error });
  const wasm = files.get('kernels.wasm');
  return { wasm, source: embed(wasm, files.get('kernels.d.ts')) };
}

/**
 * A comment `// @inline` above a function stands for AssemblyScript's decorator, which is no TypeScript: linter and
 * formatter could not read the file.
 *
 * @param {string} name @param {string} folder @returns {string | null} the text of a source file, or `null` without one
 */
function readSource(name, folder) {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8').replace(/^\/\/ @inline$/gm, '@inline') : null;
}

/** @param {Uint8Array} wasm @param {string} declarations - what the compiler says about the exported functions */
function embed(wasm, declarations) {
  const functions = [...declarations.matchAll(/export function (\w+)\((.*)\): (\w+);/g)].map(
    ([, name, parameters, result]) => `  ${name}(${parameters}): ${result};`,
  );
  return `// Made by \`npm run kernels -w @percept/image\` from the AssemblyScript sources in \`assembly/\`; not edited by hand.

/** The functions of the kernel module, with its memory. Pointers are byte offsets. */
export interface KernelExports extends WebAssembly.Exports {
  readonly memory: WebAssembly.Memory;
${functions.sort().join('\n')}
}

/** The module, ${wasm.length} bytes, in hexadecimal: twice as long, but gzip packs it a quarter smaller than base64. */
export const kernelModule =
  '${Buffer.from(wasm).toString('hex')}';
`;
}
