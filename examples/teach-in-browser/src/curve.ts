// The learning curve: how wrong the model is after every pass over the pictures.
import { byId, drawn } from './dom.js';
import type { LearntEpoch } from './learn.js';

const plot = { left: 44, right: 552, top: 10, bottom: 164 } as const;

/** Draws the epochs so far; hides the curve when there are none. */
export function showCurve(epochs: readonly LearntEpoch[]): void {
  const figure = byId('curve');
  figure.hidden = epochs.length === 0;
  if (figure.hidden) return;
  const kept = epochs.every(({ validationLoss }) => validationLoss !== undefined);
  byId('curve-kept-key').hidden = !kept;
  document.getElementById('curve-lines')!.replaceChildren(...drawing(epochs, kept));
  byId('curve-words').textContent = curveInWords(epochs);
}

/** What the curve says, for people who listen to it. */
export function curveInWords(epochs: readonly LearntEpoch[]): string {
  const [first, last] = [epochs[0]!, epochs.at(-1)!];
  const kept =
    last.validationLoss === undefined ? '' : `, and ${last.validationLoss.toFixed(2)} on the pictures kept aside`;
  return `Learning curve: the error went from ${first.trainLoss.toFixed(2)} to ${last.trainLoss.toFixed(2)} in ${epochs.length} passes${kept}.`;
}

function drawing(epochs: readonly LearntEpoch[], kept: boolean): SVGElement[] {
  const passes = Math.max(10, Math.ceil(epochs.at(-1)!.epoch / 10) * 10);
  const highest = Math.max(...epochs.map(({ trainLoss, validationLoss = 0 }) => Math.max(trainLoss, validationLoss)));
  const top = niceAbove(highest);
  const x = (epoch: number): number => plot.left + ((epoch - 1) / Math.max(1, passes - 1)) * (plot.right - plot.left);
  const y = (loss: number): number => plot.bottom - (loss / top) * (plot.bottom - plot.top);
  const line = (className: string, lossOf: (epoch: LearntEpoch) => number): SVGElement[] => {
    const points = epochs.map((epoch) => `${x(epoch.epoch).toFixed(1)},${y(lossOf(epoch)).toFixed(1)}`);
    const [endX, endY] = points.at(-1)!.split(',') as [string, string];
    return [
      drawn('polyline', { class: className, points: points.join(' ') }),
      drawn('circle', { class: className, cx: endX, cy: endY, r: 4 }),
    ];
  };
  const levels = [0, top / 2, top].flatMap((loss) => [
    drawn('line', { class: 'grid', x1: plot.left, x2: plot.right, y1: y(loss), y2: y(loss) }),
    drawn('text', { x: plot.left - 8, y: y(loss) + 4, 'text-anchor': 'end' }, String(Number(loss.toPrecision(2)))),
  ]);
  return [
    ...levels,
    drawn('text', { x: plot.left, y: 184 }, 'error after each pass'),
    drawn('text', { x: plot.right, y: 184, 'text-anchor': 'end' }, `pass ${epochs.at(-1)!.epoch}`),
    ...(kept ? line('kept', ({ validationLoss }) => validationLoss!) : []),
    ...line('learnt', ({ trainLoss }) => trainLoss),
  ];
}

/** The next 1, 2 or 5 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-3)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((level) => level >= value) ?? 10 * power;
}
