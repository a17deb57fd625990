import type { Dimension } from '../../model.js';
import type { ShapeContext, ShapeRule } from './shape-rule.js';

/** `[sequence, directions, batch, hidden]` and the last states `[directions, batch, hidden]`; `layout` 1 puts batch first. */
function recurrent(context: ShapeContext, states: number) {
  const x = context.dims(0);
  for (const input of [0, 1, 2]) {
    const rank = context.dims(input)?.length ?? 3;
    if (rank !== 3) context.refuse(`three dimensions for input ${input} but received ${rank}`);
  }
  const directions = context.attributes.string('direction', 'forward') === 'bidirectional' ? 2 : 1;
  const hidden: Dimension = context.attributes.int('hidden_size', undefined) ?? context.dims(2)?.[2];
  const batchFirst = context.attributes.int('layout', 0) === 1;
  const [sequence, batch] = batchFirst ? [x?.[1], x?.[0]] : [x?.[0], x?.[1]];
  const all = batchFirst ? [batch, sequence, directions, hidden] : [sequence, directions, batch, hidden];
  const last = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [{ dims: all }, ...Array.from({ length: states }, () => ({ dims: last }))];
}

export const RNN: ShapeRule = (context) => recurrent(context, 1);
export const GRU: ShapeRule = (context) => recurrent(context, 1);
export const LSTM: ShapeRule = (context) => recurrent(context, 2);
