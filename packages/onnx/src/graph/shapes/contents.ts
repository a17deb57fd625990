// What is known of the elements of small integer tensors, so that a shape that is computed (Shape → Gather → Concat →
// Reshape) is known as a shape. Elements are numbers, symbols (a dimension that has a name) or unknown.
import type { Dimension } from '../../model.js';
import { broadcast, product } from './dimensions.js';
import { namedType } from './elementwise.js';
import { sliceRange } from './layout.js';
import type { ShapeContext } from './shape-rule.js';

/** The elements of a node's first output, in order; nothing where they are not known. */
export type ContentRule = (context: ShapeContext) => readonly Dimension[] | undefined;

/** Longer tensors are not followed. */
const longest = 1024;

const first: ContentRule = (context) => context.contents(0);
const Identity = first;
const Squeeze = first;
const Unsqueeze = first;
const Flatten = first;

const Cast: ContentRule = (context) => {
  const target = namedType(context, 'to') ?? '';
  return /^u?int(32|64)/.test(target) ? context.contents(0) : undefined;
};

const Shape: ContentRule = (context) => {
  const { attributes } = context;
  const dims = context.dims(0);
  return dims?.slice(attributes.int('start', 0), attributes.int('end', dims.length));
};

const Size: ContentRule = (context) => {
  const dims = context.dims(0);
  return dims && [product(dims)];
};

const Gather: ContentRule = (context) => {
  const data = context.contents(0);
  const indices = context.integers(1);
  return indices?.map((index) => data?.at(index));
};

const Concat: ContentRule = (context) => {
  const parts: Dimension[] = [];
  for (let index = 0; index < context.inputCount; index++) {
    const contents = context.contents(index);
    const length = context.dims(index)?.[0];
    if (contents !== undefined) parts.push(...contents);
    else if (typeof length === 'number' && length >= 0 && length <= longest)
      parts.push(...new Array<Dimension>(length).fill(undefined));
    else return undefined;
  }
  return parts.length <= longest ? parts : undefined;
};

const Slice: ContentRule = (context) => {
  const data = context.contents(0);
  const byAttribute = context.opset < 10;
  const one = (name: string, input: number) =>
    (byAttribute ? context.attributes.ints(name, undefined) : context.integers(input))?.[0];
  const [start, end] = [one('starts', 1), one('ends', 2)];
  const step = byAttribute || !context.has(4) ? 1 : context.integers(4)?.[0];
  if (data === undefined || start === undefined || end === undefined || !step) return undefined;
  const [from, to] = sliceRange(data.length, start, end, step);
  const picked: Dimension[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) picked.push(data[at]);
  return picked;
};

const Reshape: ContentRule = (context) => ((context.integers(1)?.length ?? 2) <= 1 ? context.contents(0) : undefined);

const ConstantOfShape: ContentRule = (context) => {
  const count = context.integers(0);
  const value = context.attributes.tensor('value', undefined);
  if (count === undefined || count.length > 1 || value?.type !== 'int64') return undefined;
  const length = count[0] ?? 1;
  return length >= 0 && length <= longest ? new Array<Dimension>(length).fill(Number(value.data[0])) : undefined;
};

const Range: ContentRule = (context) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => context.integers(index)?.[0]);
  if (start === undefined || limit === undefined || !delta) return undefined;
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  return length <= longest ? Array.from({ length }, (_, index) => start + index * delta) : undefined;
};

/** Element by element, with a scalar or single element spread over the other operand. */
const elementwise =
  (compute: (a: Dimension, b: Dimension) => Dimension): ContentRule =>
  (context) => {
    const [a, b] = [context.contents(0), context.contents(1)];
    if (a === undefined || b === undefined || context.inputCount !== 2) return undefined;
    if (a.length !== b.length && a.length !== 1 && b.length !== 1) return undefined;
    const length = a.length === 0 || b.length === 0 ? 0 : Math.max(a.length, b.length);
    return Array.from({ length }, (_, at) => compute(a[a.length === 1 ? 0 : at], b[b.length === 1 ? 0 : at]));
  };

const ofNumbers =
  (compute: (a: number, b: number) => number) =>
  (a: Dimension, b: Dimension): Dimension =>
    typeof a === 'number' && typeof b === 'number' ? compute(a, b) : undefined;

const Add = elementwise((a, b) => (a === 0 ? b : b === 0 ? a : ofNumbers((x, y) => x + y)(a, b)));
const Sub = elementwise((a, b) => (b === 0 ? a : ofNumbers((x, y) => x - y)(a, b)));
const Mul = elementwise((a, b) => (a === 1 ? b : b === 1 ? a : ofNumbers((x, y) => x * y)(a, b)));
const Div = elementwise((a, b) => (b === 1 ? a : b === 0 ? undefined : ofNumbers((x, y) => Math.trunc(x / y))(a, b)));
const Min = elementwise(ofNumbers(Math.min));
const Max = elementwise(ofNumbers(Math.max));
const Mod = elementwise(ofNumbers((x, y) => x - y * Math.floor(x / y)));

/** 1 or 0 for each pair; a symbol, being a size, differs from every number below 0. */
const Equal = elementwise((a, b) => {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 1 : 0;
  const [number] = [a, b].filter((dim) => typeof dim === 'number');
  const symbolic = typeof a === 'string' || typeof b === 'string';
  if (symbolic && number !== undefined && number < 0) return 0;
  return typeof a === 'string' && a === b ? 1 : undefined;
});

const Where: ContentRule = (context) => {
  const [condition, a, b] = [0, 1, 2].map((index) => context.contents(index));
  if (condition === undefined || a === undefined || b === undefined) return undefined;
  const length = broadcast(context, [[condition.length], [a.length], [b.length]])?.[0] as number;
  const at = (list: readonly Dimension[], index: number): Dimension => list[list.length === 1 ? 0 : index];
  return Array.from({ length }, (_, index) => {
    const choice = at(condition, index);
    const [yes, no] = [at(a, index), at(b, index)];
    if (choice === undefined) return yes === no ? yes : undefined;
    return choice === 0 ? no : yes;
  });
};

const ReduceProd: ContentRule = (context) => {
  const data = context.contents(0);
  return data && [product(data)];
};

const Neg: ContentRule = (context) =>
  context.contents(0)?.map((value) => (typeof value === 'number' ? -value : undefined));

/** Content rules by operator of the default domain. */
export const contentRules: ReadonlyMap<string, ContentRule> = new Map(
  Object.entries({
    Add,
    Cast,
    Concat,
    ConstantOfShape,
    Div,
    Equal,
    Flatten,
    Gather,
    Identity,
    Max,
    Min,
    Mod,
    Mul,
    Neg,
    Range,
    ReduceProd,
    Reshape,
    Shape,
    Size,
    Slice,
    Squeeze,
    Sub,
    Unsqueeze,
    Where,
  }),
);
