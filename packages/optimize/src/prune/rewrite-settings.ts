// Numbers that nodes are told and that count channels. A constant that several nodes share is left as it is; each node gets
// its own.
import { tensor } from '@percept/core';
import type { Node } from '@percept/onnx';
import type { GraphEditor } from '@percept/onnx/graph';
import { attributes } from '@percept/onnx/graph';
import { integersOf } from './channel-graph.js';
import type { KeptPositions } from './kept-positions.js';
import { padsOf, slicesOf, splitSizesOf } from './layout-settings.js';

interface Rewriting {
  readonly editor: GraphEditor;
  readonly kept: KeptPositions;
  readonly opset: number;
}

/** Brings what a node is told about sizes to what is left of its channels. */
export function rewriteSettings(node: Node, rewriting: Rewriting): void {
  if (node.domain === '') rewritings[node.opType]?.(node, rewriting);
}

const rewritings: Readonly<Record<string, (node: Node, rewriting: Rewriting) => void>> = {
  Conv: (node, { kept }) => regroup(node, kept, { inputs: [node.inputs[0]!, 1], perGroup: [node.inputs[1]!, 1] }),
  ConvTranspose(node, { kept }) {
    const groups = attributes(node).int('group', 1);
    const [before, after] = [kept.graph.dims(node.inputs[1]!)![0] as number, kept.size(node.inputs[1]!, 0)!];
    if (groups > 1 && before !== after) node.attributes.group = { type: 'int', value: after / (before / groups) };
  },
  Reshape: resized,
  Expand: resized,
  Resize(node, { editor, kept }) {
    const sizes = integers(node, 3, editor);
    if (sizes === undefined) return;
    setIntegers(
      node,
      3,
      sizes.map((size, axis) => kept.along(node.outputs[0]!, axis)?.length ?? size),
      editor,
    );
  },
  Split(node, { editor, kept, opset }) {
    const { rank, axis } = axisOf(node, kept);
    if (rank === undefined || kept.along(node.inputs[0]!, axis) === undefined) return;
    const sizes = splitSizesOf(contextOf(node, kept, editor, opset))!;
    const left = sizes.map((size, part) => kept.along(node.outputs[part]!, axis)?.length ?? size);
    delete node.attributes.num_outputs;
    if (opset >= 13) setIntegers(node, 1, left, editor);
    else node.attributes.split = { type: 'ints', value: left };
  },
  Slice(node, { editor, kept, opset }) {
    const slices = slicesOf(contextOf(node, kept, editor, opset));
    const rank = kept.graph.dims(node.inputs[0]!)?.length;
    if (slices === undefined || rank === undefined) return;
    const [starts, ends] = [1, 2].map((input) => [...integers(node, input, editor)!]) as [number[], number[]];
    const axes = integers(node, 3, editor) ?? [...starts.keys()];
    let touched = false;
    for (const [at, given] of axes.entries()) {
      const axis = given < 0 ? given + rank : given;
      if (kept.along(node.inputs[0]!, axis) === undefined) continue;
      const { start, end } = slices.get(axis)!;
      const channels = kept.graph.values.get(node.inputs[0]!)![axis]!;
      starts[at] = kept.count(channels.slice(0, start));
      ends[at] = starts[at]! + kept.count(channels.slice(start, end));
      touched = true;
    }
    if (!touched) return;
    setIntegers(node, 1, starts, editor);
    setIntegers(node, 2, ends, editor);
  },
  Pad(node, { editor, kept, opset }) {
    const pads = padsOf(contextOf(node, kept, editor, opset));
    const rank = kept.graph.dims(node.inputs[0]!)?.length;
    if (pads === undefined || rank === undefined) return;
    const touched = [...pads].filter(([axis]) => kept.along(node.outputs[0]!, axis) !== undefined);
    if (touched.every(([, [before, after]]) => before === 0 && after === 0)) return;
    const result = new Map(pads);
    for (const [axis, [before, after]] of touched) {
      const channels = kept.graph.values.get(node.outputs[0]!)![axis]!;
      const behind = channels.slice(channels.length - after);
      result.set(axis, [kept.count(channels.slice(0, before)), after === 0 ? 0 : kept.count(behind)]);
    }
    const axes = [...result.keys()];
    setIntegers(
      node,
      1,
      [0, 1].flatMap((side) => axes.map((axis) => result.get(axis)![side]!)),
      editor,
    );
    if ((node.inputs[3] ?? '') !== '') setIntegers(node, 3, axes, editor);
  },
};

function regroup(
  node: Node,
  kept: KeptPositions,
  { inputs, perGroup }: Record<'inputs' | 'perGroup', readonly [value: string, axis: number]>,
): void {
  if (attributes(node).int('group', 1) === 1 || kept.along(...inputs) === undefined) return;
  node.attributes.group = { type: 'int', value: kept.size(...inputs)! / kept.size(...perGroup)! };
}

/** The shape of a Reshape or Expand: sizes that were written out follow the axis; -1, 0 and 1 say what they said. */
function resized(node: Node, { editor, kept }: Rewriting): void {
  const sizes = integers(node, 1, editor);
  if (sizes === undefined) return;
  const output = node.outputs[0]!;
  // Shapes of Expand are aligned at the last axis.
  const shift = kept.graph.dims(output)!.length - sizes.length;
  const left = sizes.map((size, at) => {
    const axis = at + shift;
    const length = kept.along(output, axis)?.length;
    if (length === undefined || size === -1 || (size === 1 && node.opType === 'Expand')) return size;
    // A 0 copies the size of the input's axis, which may have lost others than the output's.
    return size === 0 && kept.size(node.inputs[0]!, axis) === length ? size : length;
  });
  if (left.some((size, at) => size !== sizes[at])) setIntegers(node, 1, left, editor);
}

function axisOf(node: Node, kept: KeptPositions): { rank: number | undefined; axis: number } {
  const rank = kept.graph.dims(node.inputs[0]!)?.length;
  const axis = attributes(node).int('axis', 0);
  return { rank, axis: axis < 0 ? axis + (rank ?? 0) : axis };
}

function contextOf(node: Node, { graph }: KeptPositions, editor: GraphEditor, opset: number) {
  return {
    node,
    opset,
    dims: (input: number) => graph.dims(node.inputs[input] ?? ''),
    outputDims: (output: number) => graph.dims(node.outputs[output] ?? ''),
    integers: (input: number) => integers(node, input, editor),
  };
}

function integers(node: Node, input: number, editor: GraphEditor): readonly number[] | undefined {
  return integersOf(editor.constant(node.inputs[input]));
}

function setIntegers(node: Node, input: number, values: readonly number[], editor: GraphEditor): void {
  const hint = node.inputs[input] || `${node.outputs[0]!}_setting`;
  // An end of 2^63 - 1 is no number; any that is beyond the axis says the same.
  const safe = values.map((value) =>
    BigInt(Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, value))),
  );
  const value = tensor('int64', [values.length], safe);
  editor.setInput(node, input, editor.addConstant(hint, value));
}
