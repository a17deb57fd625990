// Sequences and optionals.
import { malformed } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { asSequence, asTensor, bools, int64, type SequenceValue, scalar, type Value } from '../value.js';

function sequence(items: readonly Value[]): SequenceValue {
  return { kind: 'sequence', items };
}

function position(given: Value | undefined, length: number, fallback: number): number {
  if (given === undefined) return fallback;
  const index = scalar(asTensor(given, 'position'));
  if (index < -length || index > length)
    throw malformed(`Expected a position in a sequence of ${length} but received ${index}`);
  return index < 0 ? index + length : index;
}

export const SequenceEmpty: Kernel = () => [sequence([])];

export const SequenceConstruct: Kernel = (inputs) => [sequence(inputs.map((input) => asTensor(input)))];

export const SequenceLength: Kernel = ([input]) => [int64([], [asSequence(input).length])];

export const SequenceAt: Kernel = ([input, at]) => {
  const items = asSequence(input);
  const item = items[position(at, items.length, 0)];
  if (item === undefined) throw malformed(`Expected a position in a sequence of ${items.length}`);
  return [item];
};

export const SequenceInsert: Kernel = ([input, tensor, at]) => {
  const items = asSequence(input);
  return [sequence(items.toSpliced(position(at, items.length, items.length), 0, asTensor(tensor)))];
};

export const SequenceErase: Kernel = ([input, at]) => {
  const items = asSequence(input);
  return [sequence(items.toSpliced(position(at, items.length, items.length - 1), 1))];
};

export const SequenceMap: Kernel = ([first, ...others], context) => {
  const results = asSequence(first).map((item, at) =>
    context.runSubgraph('body', [
      item,
      ...others.map((other) => (other?.kind === 'sequence' ? other.items[at] : other)),
    ]),
  );
  return Array.from({ length: context.outputCount }, (_, output) =>
    sequence(results.map((result) => result[output] as Value)),
  );
};

export const Optional: Kernel = ([input]) => [{ kind: 'optional', value: input }];

export const OptionalHasElement: Kernel = ([input]) => [
  bools([], [input !== undefined && (input.kind !== 'optional' || input.value !== undefined)]),
];

export const OptionalGetElement: Kernel = ([input]) => {
  const value = input?.kind === 'optional' ? input.value : input;
  if (value === undefined) throw malformed('Expected an optional that holds a value but it is empty');
  return [value];
};
