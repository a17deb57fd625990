import type { CheckedEvaluateOptions } from './evaluate-options.js';
import type { EvaluationSlice } from './evaluation.js';

/** The parts that a sample belongs to, as names that {@link sliceReports} takes apart again. */
export function slicesOf(
  cuts: CheckedEvaluateOptions['slices'],
): (key: string, index: number, label: number | undefined) => string[] {
  const named = Object.entries(cuts);
  return (key, index, label) =>
    named.flatMap(([slice, cut]) => {
      const value = typeof cut === 'function' ? cut(key, index, label) : cut.get(key);
      return value === undefined ? [] : [JSON.stringify([slice, value])];
    });
}

/** Reports of all parts: by cut in the order given, then by value. */
export function sliceReports<Report>(
  cuts: CheckedEvaluateOptions['slices'],
  metrics: ReadonlyMap<string, { compute(): Report }>,
): EvaluationSlice<Report>[] {
  const order = Object.keys(cuts);
  return [...metrics]
    .map(([name, metric]): EvaluationSlice<Report> => {
      const [slice, value] = JSON.parse(name) as [string, string];
      return { slice, value, report: metric.compute() };
    })
    .sort((a, b) => order.indexOf(a.slice) - order.indexOf(b.slice) || (a.value < b.value ? -1 : 1));
}
