import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { formatShort } from './format-number.js';
import type { HeatMapPlotOptions } from './heat-map-plot.js';

/** Options of {@link confusionMatrixPlot}. */
export interface ConfusionMatrixPlotOptions {
  title: string;
  /** Names of the classes. */
  classes: readonly string[];
  /** Samples, `[actual][predicted]`: the `confusion` of a classification report. */
  confusion: readonly (readonly number[])[];
  /** Pixels, 240..4096. Default 720. */
  width?: number;
  /** Pixels, 180..4096. Default: enough for the classes. */
  height?: number;
}

const schema = z.strictObject({
  title: z.string(),
  classes: z.array(z.string()).min(1),
  confusion: z.array(z.array(z.number().min(0))),
  width: z.number().optional(),
  height: z.number().optional(),
});

const mostClasses = 40;
const shownOfMany = 30;

/** Checks the options of a confusion matrix and makes a heat map of it. */
export function confusionMatrixHeatMap(options: ConfusionMatrixPlotOptions): HeatMapPlotOptions {
  const { title, classes, confusion, width, height } = parseOptions(schema, options, 'confusionMatrixPlot() options');
  if (confusion.length !== classes.length || confusion.some((row) => row.length !== classes.length)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected ${classes.length} rows of ${classes.length} (one for each class) for confusion of confusionMatrixPlot() options but received ${confusion.length} rows`,
    );
  }
  const groups = classes.length <= mostClasses ? classes.map((_, i) => [i]) : worstAndRest(confusion);
  const names = groups.map((group) => (group.length === 1 ? classes[group[0]!]! : `${group.length} other classes`));
  const counts = groups.map((actual) =>
    groups.map((predicted) => {
      let samples = 0;
      for (const a of actual) for (const p of predicted) samples += confusion[a]![p]!;
      return samples;
    }),
  );
  return {
    title,
    rows: names,
    columns: names,
    values: counts.map((row) => {
      const samples = row.reduce((sum, count) => sum + count, 0);
      return row.map((count) => (samples === 0 ? Number.NaN : count / samples));
    }),
    labels: counts.map((row) => row.map((count) => (count === 0 ? '' : formatShort(count)))),
    range: [0, 1],
    x: { label: 'predicted' },
    y: { label: 'actual' },
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
  };
}

/** The classes that take part in most mistakes, in their order, and all others as one group. */
function worstAndRest(confusion: readonly (readonly number[])[]): number[][] {
  const mistakes = confusion.map(() => 0);
  for (const [actual, row] of confusion.entries()) {
    for (const [predicted, samples] of row.entries()) {
      if (actual === predicted) continue;
      mistakes[actual]! += samples;
      mistakes[predicted]! += samples;
    }
  }
  const ranked = [...mistakes.keys()].sort((a, b) => mistakes[b]! - mistakes[a]! || a - b);
  const shown = ranked.slice(0, shownOfMany).sort((a, b) => a - b);
  return [...shown.map((index) => [index]), ranked.slice(shownOfMany)];
}
