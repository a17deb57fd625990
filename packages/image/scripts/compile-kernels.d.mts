/** Compiles the AssemblyScript kernels: the modules, and the TypeScript that embeds each. */
export function compileKernels(): Promise<{ name: string; wasm: Uint8Array; source: string }[]>;
