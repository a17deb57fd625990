import { type EpochRecord, figuresOf } from './epoch-record.js';

/** Figures of a training over its epochs, for `plotFromSpec` of `@percept/report`. */
export interface LearningCurveSpec {
  readonly kind: 'line';
  readonly title: string;
  readonly x: { readonly label: string };
  readonly y: { readonly label: string; readonly scale?: 'log' };
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** Which figures share a plot; others have one of their own. */
const plots: readonly { title: string; label: string; figures: Readonly<Record<string, string>>; log?: boolean }[] = [
  { title: 'Loss', label: 'loss', figures: { trainLoss: 'training', validationLoss: 'validation' } },
  {
    title: 'Accuracy',
    label: 'share that is right',
    figures: { trainAccuracy: 'training', validationAccuracy: 'validation' },
  },
  { title: 'Learning rate', label: 'learning rate', figures: { learningRate: 'learning rate' }, log: true },
  { title: 'Throughput', label: 'images per second', figures: { imagesPerSecond: 'images per second' } },
  { title: 'Time of an epoch', label: 'seconds', figures: { seconds: 'seconds' } },
];

/**
 * The course of a training as plots for `plotFromSpec` of `@percept/report`: loss and accuracy of training and validation,
 * learning rate, throughput, time, and one plot for each figure that callbacks gave. Figures that no epoch has are left
 * out.
 *
 * ```ts
 * for (const spec of learningCurves(trained.history)) await writeFile(`${spec.title}.png`, await plotFromSpec(spec).toPng());
 * ```
 */
export function learningCurves(history: readonly EpochRecord[]): LearningCurveSpec[] {
  const rows = history.map((record) => ({ epoch: record.epoch, figures: figuresOf(record) }));
  const names = new Set(rows.flatMap(({ figures }) => Object.keys(figures)));
  for (const { figures } of plots) for (const name of Object.keys(figures)) names.delete(name);
  const others = [...names].map((name) => ({ title: name, label: name, figures: { [name]: name }, log: false }));
  return [...plots, ...others].flatMap(({ title, label, figures, log = false }) => {
    const series = Object.entries(figures).flatMap(([figure, name]) => {
      const points = rows.flatMap(({ epoch, figures: { [figure]: value } }): [number, number][] =>
        value === undefined ? [] : [[epoch, value]],
      );
      return points.length === 0 ? [] : [{ name, points }];
    });
    if (series.length === 0) return [];
    // A rate that warms up from 0 has no place on a logarithmic axis.
    const logarithmic = log && series.every(({ points }) => points.every(([, value]) => value > 0));
    return [
      {
        kind: 'line',
        title,
        x: { label: 'epoch' },
        y: { label, ...(logarithmic && { scale: 'log' as const }) },
        series,
      },
    ];
  });
}
