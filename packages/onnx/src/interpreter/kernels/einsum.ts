// Einstein summation, by the equation strings of numpy.einsum: letters, an ellipsis for broadcast axes, a repeated letter
// for a diagonal, and without `->` the letters that occur once, in alphabetical order.
import { elementCount } from '@percept/core';
import { stridedPositions, strides } from '../indexing.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { asTensor, fromNumbers, numbers } from '../value.js';

export const Einsum: Kernel = (inputs, context) => {
  const operands = inputs.map((input) => asTensor(input));
  const equation = context.string('equation', '').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const terms = left.split(',');
  if (terms.length !== operands.length) {
    throw malformed(`Expected ${terms.length} inputs for the equation ${equation} but received ${operands.length}`);
  }
  const ellipsis = Math.max(
    0,
    ...terms.map((term, at) => (term.includes('...') ? operands[at]!.dims.length - (term.length - 3) : 0)),
  );
  const labels = terms.map((term, at) => axisLabels(term, operands[at]!.dims.length, ellipsis));
  const output = right === undefined ? implicitOutput(terms, ellipsis) : axisLabels(right, undefined, ellipsis);

  const sizes = new Map<string, number>();
  for (const [at, axes] of labels.entries()) {
    const { dims } = operands[at]!;
    if (axes.length !== dims.length) {
      throw malformed(`Expected ${axes.length} axes for ${terms[at]} of ${equation} but received [${dims.join(', ')}]`);
    }
    for (const [axis, label] of axes.entries()) {
      const size = sizes.get(label) ?? 1;
      if (size !== 1 && dims[axis] !== 1 && dims[axis] !== size) {
        throw malformed(`Expected one size for ${label} of ${equation} but received ${size} and ${dims[axis]}`);
      }
      sizes.set(label, size === 1 ? dims[axis]! : size);
    }
  }
  const summed = [...sizes.keys()].filter((label) => !output.includes(label));
  const outer = output.map((label) => sizes.get(label) ?? 1);
  const inner = summed.map((label) => sizes.get(label)!);
  // Each operand is walked along the outer and the inner indices separately: its position is the sum of both.
  const walks = operands.map((operand, at) => {
    const own = strides(operand.dims);
    const step = (label: string) =>
      labels[at]!.reduce((sum, name, axis) => sum + (name === label && operand.dims[axis] !== 1 ? own[axis]! : 0), 0);
    return {
      values: numbers(operand),
      outer: stridedPositions(outer, output.map(step)),
      inner: stridedPositions(inner, summed.map(step)),
    };
  });
  const values = new Float64Array(elementCount(outer));
  const count = elementCount(inner);
  for (let at = 0; at < values.length; at++) {
    for (let k = 0; k < count; k++) {
      let product = 1;
      for (const walk of walks) product *= walk.values[walk.outer[at]! + walk.inner[k]!]!;
      values[at]! += product;
    }
  }
  return [fromNumbers(operands[0]!.type, outer, values)];
};

/** One label for each axis: letters, and `0`, `1`, … for the axes of the ellipsis, counted from the last one. */
function axisLabels(term: string, rank: number | undefined, ellipsis: number): string[] {
  const [before = '', after] = term.split('...');
  if (after === undefined) return [...before];
  const own = rank === undefined ? ellipsis : rank - before.length - after.length;
  return [...before, ...Array.from({ length: own }, (_, axis) => String(own - 1 - axis)), ...after];
}

function implicitOutput(terms: readonly string[], ellipsis: number): string[] {
  const letters = [...terms.join('').replaceAll('.', '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return [...axisLabels('...', undefined, ellipsis), ...once];
}
