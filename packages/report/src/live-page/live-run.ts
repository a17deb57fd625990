// What a live page shows, as the server keeps it and tells it to pages: the whole of it when a page opens, then each change.
import type { Progress } from '@percept/core';
import type { PlotSpec } from '../plot-spec.js';

/** How far a stage has come. */
export interface StageProgress extends Progress {
  /** Seconds to its end at the present rate; absent while that is unknown. */
  readonly secondsLeft?: number;
}

/** Whether the work goes on. */
type RunStatus = 'running' | 'stopping' | 'finished' | 'failed';

/** Values of one metric, `[step, value]`, ascending by step. A value that is not finite is `null`. */
export type MetricPoints = (readonly [step: number, value: number | null])[];

/** Everything that a page shows. */
export interface LiveRun {
  readonly title: string;
  readonly stoppable: boolean;
  status: RunStatus;
  note: string;
  readonly params: Record<string, string | number | boolean>;
  readonly metrics: Record<string, MetricPoints>;
  readonly plots: Record<string, PlotSpec>;
  readonly stages: Record<string, StageProgress>;
  readonly files: Record<string, number>;
}

/** A change of a {@link LiveRun}: parts that take the place of the ones before, or are added. */
export type LiveChange = Partial<
  Pick<LiveRun, 'status' | 'note' | 'params' | 'metrics' | 'plots' | 'stages' | 'files'>
>;

/** Points of a metric that are kept; of more every second one is dropped. */
const mostPoints = 4000;

/** Adds a point; one of an earlier or the same step, as a resumed training gives, takes the place of those from there on. */
export function addPoint(points: MetricPoints, step: number, value: number): void {
  while (points.length > 0 && points.at(-1)![0] >= step) points.pop();
  points.push([step, Number.isFinite(value) ? value : null]);
  if (points.length <= mostPoints) return;
  const kept = points.filter((_, i) => i % 2 === 1 || i === points.length - 1);
  points.splice(0, points.length, ...kept);
}
