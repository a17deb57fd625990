// Truth values, comparisons, and choice by truth values.
import { elementCount } from '@percept/core';
import { concatenated } from '../concatenate.js';
import { compareElements, testNumbers, zipNumbers } from '../elementwise.js';
import { broadcastPositions, broadcastShape } from '../indexing.js';
import type { Kernel } from '../kernel.js';
import { asTensor, bools, numbers, pick, reshaped } from '../value.js';

export const And: Kernel = zipNumbers((a, b) => a && b);
export const Or: Kernel = zipNumbers((a, b) => a || b);
export const Xor: Kernel = zipNumbers((a, b) => (a !== b ? 1 : 0));
export const Not: Kernel = ([input]) => {
  const tensor = asTensor(input);
  return [
    bools(
      tensor.dims,
      Array.from(numbers(tensor), (value) => value === 0),
    ),
  ];
};

export const Equal: Kernel = compareElements((a, b) => a === b);
export const Less: Kernel = compareElements((a, b) => a < b);
export const LessOrEqual: Kernel = compareElements((a, b) => a <= b);
export const Greater: Kernel = compareElements((a, b) => a > b);
export const GreaterOrEqual: Kernel = compareElements((a, b) => a >= b);

export const IsNaN: Kernel = testNumbers(Number.isNaN);
export const IsInf: Kernel = testNumbers(
  (value, context) =>
    (value === Number.POSITIVE_INFINITY && context.int('detect_positive', 1) === 1) ||
    (value === Number.NEGATIVE_INFINITY && context.int('detect_negative', 1) === 1),
);

export const Where: Kernel = ([condition, first, second]) => {
  const [test, a, b] = [asTensor(condition), asTensor(first), asTensor(second)];
  const dims = broadcastShape(test.dims, a.dims, b.dims);
  const choices = numbers(test);
  const choiceOf = broadcastPositions(test.dims, dims);
  const [fromA, fromB] = [broadcastPositions(a.dims, dims), broadcastPositions(b.dims, dims)];
  const count = elementCount(a.dims);
  const both = concatenated([reshaped(a, [count]), reshaped(b, [elementCount(b.dims)])], 0);
  const sources = fromA.map((position, at) => (choices[choiceOf[at]!]! ? position : count + fromB[at]!));
  return [pick(both, dims, sources)];
};
