// Compiles the AssemblyScript kernels and returns the text of the TypeScript files that embed them, so that sources,
// tests and a fresh clone run without a build step. A test compiles again and compares.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** The modules: what they are called, and where their constant data lie in the memory that they share. */
const modules = [
  { name: 'preprocess', memoryBase: 1024 },
  { name: 'transform', memoryBase: 4096 },
];

/** @returns {Promise<{ name: string, wasm: Uint8Array, source: string }[]>} the modules, with the TypeScript that embeds each */
export async function compileKernels() {
  const compiled = [];
  for (const { name, memoryBase } of modules) {
    const files = new Map();
    const { error, stderr } = await asc.main(
      [
        ...[`${name}.ts`, '--baseDir', fileURLToPath(new URL('../assembly', import.meta.url))],
        ...['--outFile', 'kernels.wasm', '--bindings', 'raw', '--importMemory', '--memoryBase', String(memoryBase)],
        ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--converge'],
      ],
      { readFile: readSource, writeFile: (file, contents) => void files.set(file, contents) },
    );
    if (error) throw new Error(`Compiling the kernels failed:\n${stderr.toString()}`, { cause: error });
    const wasm = files.get('kernels.wasm');
    compiled.push({ name, wasm, source: embed(name, wasm, files.get('kernels.d.ts')) });
  }
  return compiled;
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

/** @param {string} name @param {Uint8Array} wasm @param {string} declarations - what the compiler says about the exported functions */
function embed(name, wasm, declarations) {
  const functions = [...declarations.matchAll(/export function (\w+)\((.*)\): (\w+);/g)].map(
    ([, name, parameters, result]) => `  ${name}(${parameters}): ${result};`,
  );
  const type = `${name[0].toUpperCase()}${name.slice(1)}Kernels`;
  return `// Made by \`npm run kernels -w @percept/image\` from the AssemblyScript sources in \`assembly/\`; not edited by hand.
import { type KernelModule, kernelsOf } from './runtime.js';

/** The functions of the module \`assembly/${name}.ts\`. Pointers are byte offsets. */
interface ${type} extends WebAssembly.Exports {
${functions.sort().join('\n')}
}

/** The module, ${wasm.length} bytes. */
export const ${name}Module: KernelModule<${type}> = {
  hexadecimal:
    '${Buffer.from(wasm).toString('hex')}',
};

/** The functions, to be taken anew in every call, after \`reserve()\`. */
export const ${name}Kernels = (): ${type} => kernelsOf(${name}Module);
`;
}
