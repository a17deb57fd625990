// Made by `npm run kernels -w @percept/image` from the AssemblyScript sources in `assembly/`; not edited by hand.

/** The functions of the kernel module, with its memory. Pointers are byte offsets. */
export interface KernelExports extends WebAssembly.Exports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  mirrorRows(from: number, to: number, width: number, height: number, size: number): void;
}

/** The module, 409 bytes, as base64. */
export const kernelModule =
  'AGFzbQEAAAABDQJgBX9/f39/AGAAAX8DAwIAAQUDAQAAByIDCGhlYXBCYXNlAAEKbWlycm9yUm93cwAABm1lbW9yeQIACtECAsgCAgV/AXsgBEEDRgRAIAJBA2whBwNAIAMgCEoEQCAAIAdqQQ9rIQUgASEEQQAhBgNAIAZBBmogAkwEQCAEIAX9AAQAIgogCv0NDA0OCQoLBgcIAwQFAAECD/0LBAAgBUEPayEFIARBD2ohBCAGQQVqIQYMAQsLIAVBDGohBQNAIAIgBkoEQCAEIAUvAQA7AQAgBCAFLQACOgACIAVBA2shBSAEQQNqIQQgBkEBaiEGDAELCyAAIAdqIQAgASAHaiEBIAhBAWohCAwBCwsPCyACIARsIQkDQCADIAhKBEAgACAJaiAEayEFQQAhBgNAIAIgBkoEQEEAIQcDQCAEIAdKBEAgASAHaiAFIAdqLQAAOgAAIAdBAWohBwwBCwsgASAEaiEBIAUgBGshBSAGQQFqIQYMAQsLIAAgCWohACAIQQFqIQgMAQsLCwUAQYAICw==';
