// The one WebAssembly module behind all kernels: started on first use, one scratch memory for all calls.
//
// A kernel call is synchronous and goes: `reserve()` the areas it needs, `write()` the samples in, call the module,
// `read()` the result into an array of JavaScript's own. Areas live until the next `reserve()`; pointers and views of
// the memory never leave the call. The memory grows to the largest call and is then reused; when a long run of small
// calls follows a large one, the module is started afresh and the large memory goes. Constant tables that many calls
// share are kept in front of the areas by `constantTable()`, to be asked for before `reserve()`.
//
// A new family of kernels is: functions in `assembly/<family>.ts` (exported by its `index.ts`; then `npm run kernels`),
// a public function in `<family>.ts` here that checks its arguments, the same in plain TypeScript and the same
// arithmetic in `reference/<family>.ts`, and a test that compares both bit by bit.
import { PerceptError } from '@percept/core';
import { type KernelExports, kernelModule } from './wasm.generated.js';

const pageBytes = 65_536;
/** How far kernels may reach behind an area. */
const slackBytes = 64;
const keptBytes = 64 * 2 ** 20;
const patience = 256;

interface Running {
  readonly kernels: KernelExports;
  readonly tables: Map<string, number>;
  /** Where areas start, behind the module's own data and the tables. */
  base: number;
  memory: Uint8Array;
  /** Calls in a row that needed less than an eighth of a memory above `keptBytes`. */
  smallCalls: number;
}

let compiled: WebAssembly.Module | undefined;
let running: Running | undefined;

function start(): Running {
  try {
    compiled ??= new WebAssembly.Module(decode(kernelModule));
    const kernels = new WebAssembly.Instance(compiled).exports as KernelExports;
    const memory = new Uint8Array(kernels.memory.buffer);
    return { kernels, tables: new Map(), base: align(kernels.heapBase()), memory, smallCalls: 0 };
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
  const missing = end + slackBytes - state.memory.length;
  if (missing <= 0) return;
  try {
    state.kernels.memory.grow(Math.ceil(missing / pageBytes));
  } catch (cause) {
    throw new PerceptError(
      'IMAGE_KERNELS_OUT_OF_MEMORY',
      `Expected an image that fits into WebAssembly memory but received one that needs ${end} bytes; work on tiles of it`,
      { cause },
    );
  }
  state.memory = new Uint8Array(state.kernels.memory.buffer);
}

/** A call in progress: the module's functions, and where its areas lie. Not to be kept. */
export interface KernelCall<Pointers> {
  readonly kernels: KernelExports;
  readonly pointers: Pointers;
}

/**
 * Begins a call: lays out areas of the given byte lengths, each 16-byte aligned, contents undefined. The areas of the
 * call before are gone.
 */
export function reserve<const Lengths extends readonly number[]>(
  ...lengths: Lengths
): KernelCall<{ readonly [Index in keyof Lengths]: number }> {
  running ??= start();
  let needed = running.base;
  for (const length of lengths) needed += align(length) + slackBytes;
  if (running.memory.length <= keptBytes || needed * 8 > running.memory.length) running.smallCalls = 0;
  else if (++running.smallCalls > patience) running = restart(running);
  ensure(running, needed);
  let at = running.base;
  const pointers = lengths.map((length) => {
    const pointer = at;
    at += align(length) + slackBytes;
    return pointer;
  });
  return { kernels: running.kernels, pointers: pointers as { [Index in keyof Lengths]: number } };
}

/** A fresh module with small memory, and the same tables at the same places. */
function restart(old: Running): Running {
  const fresh = { ...start(), tables: old.tables, base: old.base };
  ensure(fresh, old.base);
  fresh.memory.set(old.memory.subarray(0, old.base));
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
  running!.memory.set(bytesOf(samples), pointer);
}

/** Fills an array of JavaScript's own from an area. */
export function read<Array extends Samples>(pointer: number, into: Array): Array {
  const bytes = bytesOf(into);
  bytes.set(running!.memory.subarray(pointer, pointer + bytes.length));
  return into;
}

/** A view of `length` samples of an area, typed as `like`. It dies with the call: the memory may move. */
export function view<Array extends Uint8Array | Uint16Array | Float32Array>(
  pointer: number,
  like: Array,
  length: number,
): Array {
  const { buffer } = running!.memory;
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
  return running?.memory.length ?? 0;
}
