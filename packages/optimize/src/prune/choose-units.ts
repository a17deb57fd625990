import { PerceptError } from '@percept/core';
import { type MacsOfModel, type RoundingOptions, roundedUnits } from './channel-budget.js';
import type { ChannelGraph } from './channel-graph.js';
import type { ChannelGroup } from './channel-groups.js';
import { KeptPositions } from './kept-positions.js';
import { shareOf } from './share-of.js';

/** A group with the importance of each of its units. */
export interface ScoredGroup {
  readonly group: ChannelGroup;
  readonly scores: readonly number[];
}

/** The units that go when every group loses a share of its own: the least important ones. */
export function unitsByRatio(
  groups: readonly ScoredGroup[],
  ratioOf: (group: ChannelGroup) => number,
  rounding: RoundingOptions,
): Set<number> {
  return new Set(
    groups.flatMap(({ group, scores }) => {
      const { length } = group.units;
      const kept = roundedUnits(group, length - shareOf(length, ratioOf(group)), rounding);
      return ascending({ group, scores }).slice(0, length - kept);
    }),
  );
}

/**
 * Groups whose scores are what the loss rises by, with that per multiply-accumulate that a unit saves. (Molchanov et al.
 * 2017, arXiv:1611.06440, §2.2, weigh the two by a factor instead.)
 */
export function scoresPerMac(groups: readonly ScoredGroup[], macs: MacsOfModel, channels: ChannelGraph): ScoredGroup[] {
  return groups.map(({ group, scores }) => {
    const saved = macs.all - macs.left(new KeptPositions(channels, new Set(group.units.slice(0, 1))));
    return { group, scores: scores.map((score) => score / Math.max(saved, 1)) };
  });
}

/**
 * The units that go so that at most `share` of the multiply-accumulates is left: the least important of all groups together,
 * below one threshold, which is found by bisection. Where rounding then took more than was asked for, the most important of
 * what went comes back as far as the target allows.
 *
 * @throws PerceptError `OPTIMIZE_TARGET_UNREACHABLE` when not even all that may go is enough
 */
export function unitsByMacs(
  groups: readonly ScoredGroup[],
  share: number,
  { macs, channels, rounding }: { macs: MacsOfModel; channels: ChannelGraph; rounding: RoundingOptions },
): Set<number> {
  if (share >= 1) return new Set();
  const sorted = groups.map((scored) => ascending(scored));
  const thresholds = [...new Set(groups.flatMap(({ scores }) => scores))].sort((a, b) => a - b);
  /** How many units of each group go below a threshold. */
  const below = (threshold: number): number[] =>
    groups.map(({ group, scores }) => {
      const wanted = scores.filter((score) => score > threshold).length;
      return group.units.length - roundedUnits(group, wanted, rounding);
    });
  const removed = (counts: readonly number[]): Set<number> =>
    new Set(counts.flatMap((count, at) => sorted[at]!.slice(0, count)));
  const left = (counts: readonly number[]): number =>
    macs.left(new KeptPositions(channels, removed(counts))) / macs.all;
  let [low, high] = [-1, thresholds.length - 1];
  let counts = below(thresholds[high]!);
  const least = left(counts);
  if (least > share) {
    throw new PerceptError(
      'OPTIMIZE_TARGET_UNREACHABLE',
      `Expected a target that pruning can reach but received ${share} of the multiply-accumulates: at least ${least.toFixed(3)} are left. Raise the target or maxRatio, lower roundTo, or exclude fewer layers`,
      { details: { share, reachable: least } },
    );
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const tried = below(thresholds[middle]!);
    if (left(tried) <= share) [high, counts] = [middle, tried];
    else low = middle;
  }
  giveBack(groups, sorted, counts, { rounding, fits: (tried) => left(tried) <= share });
  return removed(counts);
}

/** Takes the most important units of what went out of `counts` again, group by group, in steps that rounding allows. */
function giveBack(
  groups: readonly ScoredGroup[],
  sorted: readonly (readonly number[])[],
  counts: number[],
  { rounding, fits }: { rounding: RoundingOptions; fits: (counts: readonly number[]) => boolean },
): void {
  const scoreOfLast = (at: number): number => {
    const { group, scores } = groups[at]!;
    return scores[group.units.indexOf(sorted[at]![counts[at]! - 1]!)]!;
  };
  const touched = [...counts.keys()].filter((at) => counts[at]! > 0);
  for (const at of touched.sort((a, b) => scoreOfLast(b) - scoreOfLast(a))) {
    const { group } = groups[at]!;
    const allowed = (count: number): boolean =>
      roundedUnits(group, group.units.length - count, rounding) === group.units.length - count;
    for (let fewer = counts[at]! - 1; fewer >= 0; fewer--) {
      if (!allowed(fewer)) continue;
      if (!fits(counts.map((count, other) => (other === at ? fewer : count)))) break;
      counts[at] = fewer;
    }
  }
}

/** Units, the least important first; of equals the first. */
function ascending({ group, scores }: ScoredGroup): number[] {
  const order = [...group.units.keys()].sort((a, b) => scores[a]! - scores[b]! || a - b);
  return order.map((at) => group.units[at]!);
}
