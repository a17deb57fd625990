// Where the elements of a value lie. ONNX counts the axes of an image N, C, H, W; TFLite's kernels want channels last. So
// every value keeps, beside its shape in ONNX, the order in which its elements really stand in memory. Transpose and
// Reshape then only change how a value is read; elements are moved when a kernel needs them otherwise, and not before, so
// transpositions that undo each other never come into being.
//
// Axes are split into atoms: runs of elements that stay together. An axis of size 1 has none, so moving it costs nothing.

/** Order of a value's elements in memory. */
export interface MemoryLayout {
  /** Sizes of the atoms of each ONNX axis, slowest first. All are above 1. */
  readonly axes: readonly (readonly number[])[];
  /** The atoms, counted over all ONNX axes, in the order of memory, slowest first. */
  readonly memory: readonly number[];
}

/** The layout of a tensor whose axes stand in memory in the order `permutation` of the ONNX axes. */
export function permutedLayout(dims: readonly number[], permutation: readonly number[]): MemoryLayout {
  const axes = dims.map((dim) => (dim === 1 ? [] : [dim]));
  return { axes, memory: memoryOf(axes, permutation) };
}

/** The layout of a tensor that lies as ONNX has it. */
export function plainLayout(dims: readonly number[]): MemoryLayout {
  return permutedLayout(dims, [...dims.keys()]);
}

/** The order of atoms in which axes stand one behind the other. */
export function memoryOf(axes: MemoryLayout['axes'], permutation: readonly number[]): number[] {
  const first = firstAtoms(axes);
  return permutation.flatMap((axis) => axes[axis]!.map((_, at) => first[axis]! + at));
}

/** The same memory after the ONNX axes are put in another order: `axes[at]` becomes axis `at`. */
export function transposedLayout(layout: MemoryLayout, order: readonly number[]): MemoryLayout {
  const axes = order.map((axis) => layout.axes[axis]!);
  const renumbered = new Map(memoryOf(layout.axes, order).map((atom, at) => [atom, at]));
  return { axes, memory: layout.memory.map((atom) => renumbered.get(atom)!) };
}

/** The same memory read with other sizes, as Reshape does; `undefined` where an axis would begin in the middle of an atom. */
export function reshapedLayout(layout: MemoryLayout, dims: readonly number[]): MemoryLayout | undefined {
  const pending = layout.axes.flat().map((size, atom) => ({ size, atom, part: 0 }));
  const axes: number[][] = [];
  const parts: { atom: number; part: number }[] = [];
  for (const dim of dims) {
    const axis: number[] = [];
    for (let rest = dim; rest !== 1; ) {
      const next = pending.shift();
      if (next === undefined) return undefined;
      if (rest % next.size === 0) {
        axis.push(next.size);
        rest /= next.size;
      } else if (next.size % rest === 0) {
        axis.push(rest);
        pending.unshift({ size: next.size / rest, atom: next.atom, part: next.part + 1 });
        rest = 1;
      } else return undefined;
      parts.push({ atom: next.atom, part: next.part });
    }
    axes.push(axis);
  }
  if (pending.length > 0) return undefined;
  const memory = layout.memory.flatMap((atom) => parts.flatMap((piece, at) => (piece.atom === atom ? [at] : [])));
  return { axes, memory };
}

/** The order of the axes in memory; `undefined` where one is scattered. */
export function permutationOf(layout: MemoryLayout): number[] | undefined {
  const order = closestPermutation(layout);
  const held = memoryOf(layout.axes, order);
  return held.every((atom, at) => atom === layout.memory[at]) ? order : undefined;
}

/** The order of the axes by where each begins in memory. Axes of size 1 stay where ONNX has them. */
export function closestPermutation({ axes, memory }: MemoryLayout): number[] {
  const first = firstAtoms(axes);
  const begin = axes.map((atoms, axis) => Math.min(...atoms.map((_, at) => memory.indexOf(first[axis]! + at))));
  const wide = [...axes.keys()].filter((axis) => axes[axis]!.length > 0);
  const order = wide.sort((a, b) => begin[a]! - begin[b]!);
  for (const [axis, atoms] of axes.entries())
    if (atoms.length === 0) order.splice(Math.min(axis, order.length), 0, axis);
  return order;
}

/** Whether both lie alike. */
export function sameLayout(a: MemoryLayout, b: MemoryLayout): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** How to move memory into another order of atoms: the shape to read it with, and the permutation of its axes. */
export function movement(layout: MemoryLayout, memory: readonly number[]): { shape: number[]; permutation: number[] } {
  const sizes = layout.axes.flat();
  const wanted = new Map(memory.map((atom, at) => [atom, at]));
  const runs: number[][] = [];
  for (const atom of layout.memory) {
    const run = runs.at(-1);
    // Atoms that stay neighbours move as one.
    if (run !== undefined && wanted.get(atom) === wanted.get(run.at(-1)!)! + 1) run.push(atom);
    else runs.push([atom]);
  }
  const shape = runs.map((run) => run.reduce((product, atom) => product * sizes[atom]!, 1));
  const permutation = [...runs.keys()].sort((a, b) => wanted.get(runs[a]![0]!)! - wanted.get(runs[b]![0]!)!);
  return { shape, permutation };
}

function firstAtoms(axes: MemoryLayout['axes']): number[] {
  let next = 0;
  return axes.map((atoms) => {
    const first = next;
    next += atoms.length;
    return first;
  });
}
