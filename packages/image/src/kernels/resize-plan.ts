// Weight tables in the form that the kernel module reads, kept for the axes resized last: a batch of images of one size
// makes them once.
import type { ResizeFilter } from '@percept/core';
import { type AxisRange, axisWeights, balanceWeights, nearestIndices, roundWeights } from './resize-weights.js';

/** One axis of a resize. */
export interface AxisPlan {
  /** Samples that every output reads, an even number; the last ones may have weight 0 and lie outside the source. */
  readonly taps: number;
  /** Whether the 22-bit weights are there in two halves, or the 14-bit ones of fast mode. */
  readonly exact: boolean;
  /**
   * What the module reads: 32-bit offsets of each output's first sample, in units of `unit` bytes, and three zeros more;
   * from `upperAt` on `taps` 16-bit weights per output, the 14-bit ones or the upper halves; from `lowerAt` on the lower
   * halves.
   */
  readonly table: Uint8Array;
  readonly upperAt: number;
  readonly lowerAt: number;
  /** Which source samples are read, ascending. */
  readonly needed: Int32Array;
  /** Where among them the samples of each output begin and end. */
  readonly first: Int32Array;
  readonly end: Int32Array;
}

const kept = 16;
const plans = new Map<string, AxisPlan>();

/** The plan of an axis; `tapMultiple` rounds the number of taps up, `unit` is the size of a sample. */
export function axisPlan(
  range: AxisRange,
  filter: ResizeFilter,
  antialias: boolean,
  tapMultiple: number,
  unit: number,
): AxisPlan {
  const key = `${range.from} ${range.to} ${range.first} ${range.count} ${filter} ${antialias} ${tapMultiple} ${unit}`;
  const known = plans.get(key);
  if (known) return known;
  if (plans.size >= kept) plans.delete(plans.keys().next().value!);
  const plan = makePlan(range, filter, antialias, tapMultiple, unit);
  plans.set(key, plan);
  return plan;
}

function makePlan(
  range: AxisRange,
  filter: ResizeFilter,
  antialias: boolean,
  tapMultiple: number,
  unit: number,
): AxisPlan {
  const { count } = range;
  const upperAt = (count + 3) * 4;
  if (filter === 'nearest') {
    const starts = nearestIndices(range, antialias);
    const table = new Uint8Array(upperAt);
    new Int32Array(table.buffer).set(starts.map((start) => start * unit));
    const at = { upperAt, lowerAt: upperAt };
    return { taps: 1, exact: false, table, ...at, ...neededSamples(range.from, starts, () => 1) };
  }
  const exact = antialias || filter === 'area';
  const { starts, counts, ...fixed } = (exact ? roundWeights : balanceWeights)(axisWeights(range, filter, antialias));
  const taps = Math.ceil(fixed.taps / tapMultiple) * tapMultiple;
  const lowerAt = upperAt + count * taps * 2;
  const table = new Uint8Array(lowerAt + (exact ? count * taps * 2 : 0));
  new Int32Array(table.buffer, 0, count).set(starts.map((start) => start * unit));
  const upper = new Int16Array(table.buffer, upperAt, count * taps);
  const lower = new Int16Array(table.buffer, lowerAt);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < counts[i]!; k++) {
      const weight = fixed.weights[i * fixed.taps + k]!;
      upper[i * taps + k] = exact ? weight >> 11 : weight;
      if (exact) lower[i * taps + k] = weight & 2047;
    }
  }
  return { taps, exact, table, upperAt, lowerAt, ...neededSamples(range.from, starts, (i) => counts[i]!) };
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
