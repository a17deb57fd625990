import { attributes } from '@percept/onnx/graph';
import { unsupported } from '../unsupported.js';
import type { Gradient } from './gradient.js';

/**
 * The gradient with respect to a factor is the product of dY and the other factors, summed to the factor's letters; along
 * letters that stand in no other, it is repeated.
 */
export const Einsum: Gradient = (context) => {
  const { g, node, inputs, inputDims, dY, needed } = context;
  const equation = attributes(node).string('equation', '').replaceAll(' ', '');
  const [left, right] = equation.split('->') as [string, string | undefined];
  const terms = left.split(',');
  if (equation.includes('.')) throw unsupported(node, 'an equation of letters', equation);
  if (terms.some((term) => new Set(term).size !== term.length)) {
    throw unsupported(node, 'an equation without diagonals', equation);
  }
  const result = right ?? lettersOnce(left);
  return terms.map((term, at) => {
    if (!needed[at]) return undefined;
    const others = [...terms.keys()].filter((other) => other !== at);
    const factors = [result, ...others.map((other) => terms[other]!)];
    const known = [...term].filter((letter) => factors.some((factor) => factor.includes(letter)));
    const values = [dY, ...others.map((other) => inputs[other]!)];
    const product = g.node('Einsum', values, { equation: `${factors.join(',')}->${known.join('')}` });
    if (known.length === term.length) return product;
    const dims = inputDims[at]!;
    const single = dims.map((size, axis) => (known.includes(term[axis]!) ? size : 1));
    return g.node('Expand', [g.reshape(product, single), g.integers(dims)]);
  });
};

/** What an equation without an arrow gives: the letters that stand in it once, in alphabetical order. */
function lettersOnce(terms: string): string {
  const letters = [...terms.replaceAll(',', '')];
  return letters
    .filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter))
    .sort()
    .join('');
}
