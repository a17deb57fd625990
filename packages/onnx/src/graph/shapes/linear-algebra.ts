import type { Dimension } from '../../model.js';
import { broadcast, sameDim } from './dimensions.js';
import type { ShapeContext, ShapeRule } from './shape-rule.js';

function matrixProduct(
  context: ShapeContext,
  left: readonly Dimension[] | undefined,
  right: readonly Dimension[] | undefined,
): Dimension[] | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (left.length === 0 || right.length === 0) context.refuse('operands of at least one dimension');
  const a = left.length === 1 ? [1, left[0]] : left;
  const b = right.length === 1 ? [right[0], 1] : right;
  sameDim(context, 'the inner dimension', a.at(-1), b.at(-2));
  const batch = broadcast(context, [a.slice(0, -2), b.slice(0, -2)])!;
  return [...batch, ...(left.length === 1 ? [] : [a.at(-2)]), ...(right.length === 1 ? [] : [b.at(-1)])];
}

export const MatMul: ShapeRule = (context) => [{ dims: matrixProduct(context, context.dims(0), context.dims(1)) }];
export const MatMulInteger = MatMul;
export const QLinearMatMul: ShapeRule = (context) => [
  { dims: matrixProduct(context, context.dims(0), context.dims(3)), elementType: context.elementType(7) },
];

export const Gemm: ShapeRule = (context) => {
  const [a, b] = [context.dims(0), context.dims(1)];
  if (a === undefined || b === undefined) return [undefined];
  if (a.length !== 2 || b.length !== 2) context.refuse(`matrices but received rank ${a.length} and ${b.length}`);
  const [m, k] = context.attributes.int('transA', 0) !== 0 ? [a[1], a[0]] : a;
  const [inner, n] = context.attributes.int('transB', 0) !== 0 ? [b[1], b[0]] : b;
  sameDim(context, 'the inner dimension', k, inner);
  return [{ dims: [m, n] }];
};

export const Det: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims !== undefined && dims.length < 2) context.refuse(`matrices but received rank ${dims.length}`);
  return [{ dims: dims?.slice(0, -2) }];
};

export const Einsum: ShapeRule = (context) => {
  const equation = context.attributes.string('equation').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const terms = left.split(',');
  if (terms.length !== context.inputCount) context.refuse(`${terms.length} inputs for ${equation}`);
  const sizes = new Map<string, Dimension>();
  const counts = new Map<string, number>();
  const ellipses: Dimension[][] = [];
  for (const [index, term] of terms.entries()) {
    const dims = context.dims(index);
    if (dims === undefined) return [undefined];
    const letters = term.replace('...', '');
    const open = term.includes('...') ? dims.length - letters.length : 0;
    if (open < 0 || letters.length + open !== dims.length) context.refuse(`rank ${letters.length} for ${term}`);
    const start = term.indexOf('...');
    if (start >= 0) ellipses.push(dims.slice(start, start + open));
    for (const [at, letter] of [...letters].entries()) {
      const dim = dims[start >= 0 && at >= start ? at + open : at];
      const known = sizes.get(letter);
      sizes.set(
        letter,
        known === 1 ? dim : dim === 1 && known !== undefined ? known : sameDim(context, letter, known, dim),
      );
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  const spread = ellipses.length === 0 ? [] : broadcast(context, ellipses)!;
  const once = [...counts].filter(([, count]) => count === 1).map(([letter]) => letter);
  const result = right ?? `${ellipses.length > 0 ? '...' : ''}${once.sort().join('')}`;
  const [before = '', after] = result.split('...');
  const of = (letters: string): Dimension[] => [...letters].map((letter) => sizes.get(letter));
  return [{ dims: after === undefined ? of(before) : [...of(before), ...spread, ...of(after)] }];
};
