// The memory that all WebAssembly kernels share, and the modules that work on it: each is started on first use.
//
// A kernel call is synchronous and goes: `reserve()` the areas it needs, `write()` the samples in, call the functions of
// a module, `read()` the result into an array of JavaScript's own. Areas live until the next `reserve()`; pointers,
// functions and views of the memory never leave the call. The memory grows to the largest call and is then reused; when a
// long run of small calls follows a large one, a fresh one takes its place. Constant tables that many calls share are kept
// in front of the areas by `constantTable()`, to be asked for before `reserve()`.
//
// A new family of kernels is: functions in `assembly/<family>.ts` (exported by a module there; then `npm run kernels`), a
// public function in `<family>.ts` here that checks its arguments, the same in plain TypeScript and the same arithmetic in
// `reference/<family>.ts`, and a test that compares both bit by bit.
import { PerceptError } from '@percept/core';

const pageBytes = 65_536;
/** How far kernels may reach behind an area. */
const slackBytes = 64;
const keptBytes = 64 * 2 ** 20;
const patience = 256;
/** Where areas start: behind the modules' own constants. */
export const areasStart = 8192;

/** A module that is embedded in a source file. */
export interface KernelModule<Exports extends WebAssembly.Exports> {
  /** Twice as long as its bytes, but gzip packs it a quarter smaller than base64. */
  readonly hexadecimal: string;
  /** Never set: carries the type of the module's functions. */
  readonly exports?: Exports;
}

interface Running {
  readonly memory: WebAssembly.Memory;
  readonly instances: Map<KernelModule<WebAssembly.Exports>, WebAssembly.Exports>;
  readonly tables: Map<string, number>;
  /** Where areas start, behind the tables. */
  base: number;
  bytes: Uint8Array;
  /** Calls in a row that needed less than an eighth of a memory above `keptBytes`. */
  smallCalls: number;
}

const compiled = new Map<KernelModule<WebAssembly.Exports>, WebAssembly.Module>();
let running: Running | undefined;

function start(): Running {
  return unlessForbidden(() => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const bytes = new Uint8Array(memory.buffer);
    return { memory, instances: new Map(), tables: new Map(), base: areasStart, bytes, smallCalls: 0 };
  });
}

/** The functions of a module, on the memory of the call in progress: to be asked for after `reserve()`. */
export function kernelsOf<Exports extends WebAssembly.Exports>(module: KernelModule<Exports>): Exports {
  const { instances, memory } = running!;
  let exports = instances.get(module);
  if (!exports) {
    exports = unlessForbidden(() => {
      const code = compiled.get(module) ?? new WebAssembly.Module(decode(module.hexadecimal));
      compiled.set(module, code);
      return new WebAssembly.Instance(code, { env: { memory } }).exports;
    });
    instances.set(module, exports);
  }
  return exports as Exports;
}

function unlessForbidden<Result>(begin: () => Result): Result {
  try {
    return begin();
  } catch (cause) {
    throw new PerceptError(
      'IMAGE_KERNELS_UNAVAILABLE',
      "Expected WebAssembly with SIMD for the image kernels but received an error; a page with a content security policy needs 'wasm-unsafe-eval' in script-src",
      { cause },
    );
  }
}

function decode(hexadecimal: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hexadecimal.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hexadecimal.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function ensure(state: Running, end: number): void {
  const missing = end + slackBytes - state.bytes.length;
  if (missing <= 0) return;
  try {
    state.memory.grow(Math.ceil(missing / pageBytes));
  } catch (cause) {
    throw new PerceptError(
      'IMAGE_KERNELS_OUT_OF_MEMORY',
      `Expected an image that fits into WebAssembly memory but received one that needs ${end} bytes; work on tiles of it`,
      { cause },
    );
  }
  state.bytes = new Uint8Array(state.memory.buffer);
}

/**
 * Begins a call: lays out areas of the given byte lengths, each 16-byte aligned, contents undefined. The areas of the
 * call before are gone.
 *
 * @returns the pointer of each area
 */
export function reserve<const Lengths extends readonly number[]>(
  ...lengths: Lengths
): { readonly [Index in keyof Lengths]: number } {
  running ??= start();
  let needed = running.base;
  for (const length of lengths) needed += align(length) + slackBytes;
  if (running.bytes.length <= keptBytes || needed * 8 > running.bytes.length) running.smallCalls = 0;
  else if (++running.smallCalls > patience) running = restart(running);
  ensure(running, needed);
  let at = running.base;
  return lengths.map((length) => {
    const pointer = at;
    at += align(length) + slackBytes;
    return pointer;
  }) as { [Index in keyof Lengths]: number };
}

/** A small memory with the same tables at the same places. */
function restart(old: Running): Running {
  const fresh = { ...start(), tables: old.tables, base: old.base };
  ensure(fresh, old.base);
  fresh.bytes.set(old.bytes.subarray(0, old.base));
  return fresh;
}

/** Any array of plain numbers that lies in memory as WebAssembly reads it. */
export type Samples = Uint8Array | Uint16Array | Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

function bytesOf(samples: Samples): Uint8Array {
  return samples instanceof Uint8Array
    ? samples
    : new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Copies samples into an area. */
export function write(pointer: number, samples: Samples): void {
  running!.bytes.set(bytesOf(samples), pointer);
}

/** Fills an array of JavaScript's own from an area. */
export function read<Array extends Samples>(pointer: number, into: Array): Array {
  const bytes = bytesOf(into);
  bytes.set(running!.bytes.subarray(pointer, pointer + bytes.length));
  return into;
}

/** A view of `length` samples of an area, typed as `like`. It dies with the call: the memory may move. */
export function view<Array extends Uint8Array | Uint16Array | Float32Array>(
  pointer: number,
  like: Array,
  length: number,
): Array {
  const { buffer } = running!.bytes;
  const samples =
    like instanceof Uint8Array
      ? new Uint8Array(buffer, pointer, length)
      : like instanceof Uint16Array
        ? new Uint16Array(buffer, pointer, length)
        : new Float32Array(buffer, pointer, length);
  return samples as Uint8Array | Uint16Array | Float32Array as Array;
}

/** The pointer of a constant table, made once by `make` under a name of its own. Call it before `reserve()`. */
export function constantTable(name: string, make: () => Samples): number {
  running ??= start();
  const known = running.tables.get(name);
  if (known !== undefined) return known;
  const samples = make();
  const pointer = running.base;
  ensure(running, pointer + samples.byteLength + slackBytes);
  running.base = align(pointer + samples.byteLength) + slackBytes;
  write(pointer, samples);
  running.tables.set(name, pointer);
  return pointer;
}

/** Bytes of memory that the module holds now; 0 before its first use. */
export function scratchBytes(): number {
  return running?.bytes.length ?? 0;
}
