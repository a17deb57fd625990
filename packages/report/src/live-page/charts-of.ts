import type { PlotSpec } from '../plot-spec.js';
import type { MetricPoints } from './live-run.js';

/** `trainLoss`, `validation/loss`, `val_loss`: what comes before the figure says on which data. */
const prefixed = /^(train(?:ing)?|val(?:id(?:ation)?)?|test|step)(?:[/_. -]+|(?=[A-Z]))(.+)$/;
const first = ['loss', 'accuracy'];

/** A line plot for each figure, with the same figure of other data in it; losses first, then accuracies. */
export function chartsOf(metrics: Readonly<Record<string, MetricPoints>>): (readonly [name: string, spec: PlotSpec])[] {
  const charts = new Map<string, { name: string; points: MetricPoints }[]>();
  for (const [metric, points] of Object.entries(metrics)) {
    const [, data = metric, title = metric] = prefixed.exec(metric) ?? [];
    // Figures of steps count steps, all others epochs.
    const chart = data === 'step' && title !== metric ? metric : inWords(title);
    charts.set(chart, [...(charts.get(chart) ?? []), { name: data, points }]);
  }
  const rank = (title: string): number => (first.includes(title) ? first.indexOf(title) : first.length);
  return [...charts]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([title, series]) => [
      `curve ${title}`,
      {
        kind: 'line',
        title,
        height: 280,
        series: series.map(({ name, points }) => ({
          name,
          points: points.map(([step, value]) => [step, value ?? Number.NaN]),
        })),
      },
    ]);
}

/** `learningRate` as `learning rate`. */
function inWords(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}
