// Weight tables in the form that the kernel module reads, kept for the axes resized last: a batch of images of one size
// makes them once.
import type { ResizeFilter } from '@percept/core';
import { type AxisRange, axisWeights, balanceWeights, nearestIndices, roundWeights } from './resize-weights.js';

/** One axis of a resize. */
export interface AxisPlan {
  /** First source sample of each output. */
  readonly starts: Int32Array;
  /** Samples that every output reads, an even number; the last ones may have weight 0 and lie outside the source. */
  readonly taps: number;
  /** Per output `taps` 16-bit weights: the 14-bit ones of fast mode, or the upper halves of the 22-bit ones. */
  readonly upper: Int16Array;
  /** The lower halves (11 bits) in exact mode, else empty. */
  readonly lower: Int16Array;
  /** Which source samples are read, ascending. */
  readonly needed: Int32Array;
  /** Where among them the samples of each output begin and end. */
  readonly first: Int32Array;
  readonly end: Int32Array;
}

const kept = 16;
const plans = new Map<string, AxisPlan>();

/** The plan of an axis; `tapMultiple` rounds the number of taps up. */
export function axisPlan(range: AxisRange, filter: ResizeFilter, antialias: boolean, tapMultiple: number): AxisPlan {
  const key = `${range.from} ${range.to} ${range.first} ${range.count} ${filter} ${antialias} ${tapMultiple}`;
  const known = plans.get(key);
  if (known) plans.delete(key);
  else if (plans.size >= kept) plans.delete(plans.keys().next().value!);
  const plan = known ?? makePlan(range, filter, antialias, tapMultiple);
  plans.set(key, plan);
  return plan;
}

function makePlan(range: AxisRange, filter: ResizeFilter, antialias: boolean, tapMultiple: number): AxisPlan {
  if (filter === 'nearest') {
    const starts = nearestIndices(range, antialias);
    const none = new Int16Array(0);
    return { starts, taps: 1, upper: none, lower: none, ...neededSamples(range.from, starts, () => 1) };
  }
  const exact = antialias || filter === 'area';
  const fixed = (exact ? roundWeights : balanceWeights)(axisWeights(range, filter, antialias));
  const taps = Math.ceil(fixed.taps / tapMultiple) * tapMultiple;
  const upper = new Int16Array(range.count * taps);
  const lower = new Int16Array(exact ? range.count * taps : 0);
  for (let i = 0; i < range.count; i++) {
    for (let k = 0; k < fixed.counts[i]!; k++) {
      const weight = fixed.weights[i * fixed.taps + k]!;
      upper[i * taps + k] = exact ? weight >> 11 : weight;
      if (exact) lower[i * taps + k] = weight & 2047;
    }
  }
  const { starts, counts } = fixed;
  return { starts, taps, upper, lower, ...neededSamples(range.from, starts, (i) => counts[i]!) };
}

function neededSamples(
  from: number,
  starts: Int32Array,
  countOf: (output: number) => number,
): Pick<AxisPlan, 'needed' | 'first' | 'end'> {
  const marks = new Uint8Array(from);
  starts.forEach((start, i) => {
    marks.fill(1, start, start + countOf(i));
  });
  const places = new Int32Array(from);
  const needed: number[] = [];
  for (let i = 0; i < from; i++) {
    if (marks[i] === 0) continue;
    places[i] = needed.length;
    needed.push(i);
  }
  return {
    needed: Int32Array.from(needed),
    first: starts.map((start) => places[start]!),
    end: starts.map((start, i) => places[start]! + countOf(i)),
  };
}
