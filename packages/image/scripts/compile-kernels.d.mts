/** Compiles the AssemblyScript kernels: the module, and the TypeScript that embeds it. */
export function compileKernels(): Promise<{ wasm: Uint8Array; source: string }>;
