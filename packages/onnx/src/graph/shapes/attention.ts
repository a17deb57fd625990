import type { Dimension } from '../../model.js';
import { times } from './dimensions.js';
import type { ShapeRule } from './shape-rule.js';

export const Attention: ShapeRule = (context) => {
  const [q, k, v] = [context.dims(0), context.dims(1), context.dims(2)];
  const [pastKey, pastValue] = [context.dims(4), context.dims(5)];
  if (q === undefined || v === undefined) return [];
  const heads = context.attributes.int('q_num_heads', undefined);
  const keyHeads = context.attributes.int('kv_num_heads', undefined);
  for (const [input, dims] of [q, k, v].entries()) {
    if (dims === undefined || dims.length === 4) continue;
    if (dims.length !== 3) context.refuse(`three or four dimensions for input ${input} but received ${dims.length}`);
    const attribute = input === 0 ? 'q_num_heads' : 'kv_num_heads';
    if (!context.attributes.has(attribute)) context.refuse(`attribute ${attribute} for an input of three dimensions`);
  }
  const split = (
    dims: readonly Dimension[] | undefined,
    count: number | undefined,
  ): readonly Dimension[] | undefined => {
    if (dims === undefined || dims.length === 4) return dims;
    const width = dims[2];
    return [dims[0], count, dims[1], typeof width === 'number' && count ? width / count : undefined];
  };
  const [query, key, value] = [split(q, heads), split(k, keyHeads), split(v, keyHeads)];
  const output = q.length === 4 ? [...q.slice(0, 3), v[3]] : [q[0], q[1], times(value?.[3], heads)];
  const total = (part: Dimension, past: Dimension): Dimension =>
    typeof part === 'number' && typeof past === 'number' ? part + past : undefined;
  const present = (part: readonly Dimension[] | undefined, past: readonly Dimension[] | undefined) => ({
    dims: part && [part[0], part[1], past === undefined ? part[2] : total(part[2], past[2]), part[3]],
  });
  const presentKey = present(key, pastKey);
  return [
    { dims: output },
    presentKey,
    present(value, pastValue),
    { dims: query && [query[0], query[1], query[2], presentKey.dims?.[2]] },
  ];
};

export const LinearAttention: ShapeRule = (context) => {
  const [q, k, v] = [context.dims(0), context.dims(1), context.dims(2)];
  const heads = context.attributes.int('q_num_heads', undefined);
  const keyHeads = context.attributes.int('kv_num_heads', undefined);
  const perHead = (width: Dimension): Dimension =>
    typeof width === 'number' && keyHeads ? width / keyHeads : undefined;
  const [keySize, valueSize] = [perHead(k?.[2]), perHead(v?.[2])];
  return [
    { dims: q && [q[0], q[1], times(valueSize, heads)] },
    { dims: context.dims(3) ?? (q && [q[0], keyHeads, keySize, valueSize]), elementType: context.elementType(0) },
  ];
};

export const CausalConvWithState: ShapeRule = (context) => {
  const [x, weight] = [context.dims(0), context.dims(1)];
  const kernel = weight?.at(-1);
  const state = x && [...x.slice(0, -1), typeof kernel === 'number' ? kernel - 1 : undefined];
  return [{ dims: x }, { dims: state, elementType: context.elementType(0) }];
};
