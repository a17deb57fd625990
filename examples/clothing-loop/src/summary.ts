import { join } from 'node:path';
import type { MonitorReport } from '@percept/core';
import { barPlot, htmlPage, linePlot, type Plot, textTable } from '@percept/report';
import type { Learned } from './learn.js';
import type { Shrunk } from './shrink.js';
import type { Workspace } from './workspace.js';

/** The figures of the whole loop: the last line of `--no-serve`. */
export interface Summary {
  readonly top1: number;
  readonly int8Top1: number;
  readonly floatBytes: number;
  readonly int8Bytes: number;
  /** Mean PSI over the image properties and class scores for held-out pictures, against the model's own profile. */
  readonly driftBefore: number | null;
  /** The same for darkened, blurred pictures. */
  readonly driftAfter: number | null;
  /** Top-1 of the retrained int8 model on held-out pictures that were never driven. */
  readonly retrainedTop1: number;
  readonly failedRequests: number;
  readonly seconds: number;
}

/** What the summary is made of. */
export interface LoopResult {
  readonly figures: Summary;
  readonly trained: Learned;
  readonly shrunk: Shrunk;
  readonly before: MonitorReport;
  readonly after: MonitorReport;
  /** Accuracy on bad-camera pictures before and after retraining. */
  readonly badCameraTop1: { readonly before: number; readonly after: number };
}

/** Saves plots (SVG and PNG) and an offline page; returns the summary as a plain-text table. */
export async function summarize(workspace: Workspace, result: LoopResult): Promise<string> {
  const { figures } = result;
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const drift = (value: number | null) => (value === null ? 'too few pictures' : value.toFixed(3));
  const rows = [
    { figure: 'top-1, float', value: percent(figures.top1) },
    { figure: 'top-1, int8', value: percent(figures.int8Top1) },
    { figure: 'model size, float', value: `${(figures.floatBytes / 1000).toFixed(0)} kB` },
    {
      figure: 'model size, int8',
      value: `${(figures.int8Bytes / 1000).toFixed(0)} kB (${(figures.floatBytes / figures.int8Bytes).toFixed(2)} times smaller)`,
    },
    { figure: 'drift (mean PSI), held-out pictures', value: drift(figures.driftBefore) },
    { figure: 'drift (mean PSI), darkened and blurred', value: drift(figures.driftAfter) },
    {
      figure: 'top-1 on darkened and blurred',
      value: `${percent(result.badCameraTop1.before)}, retrained ${percent(result.badCameraTop1.after)}`,
    },
    { figure: 'top-1, retrained int8', value: percent(figures.retrainedTop1) },
    { figure: 'failed requests', value: String(figures.failedRequests) },
    { figure: 'time', value: `${figures.seconds.toFixed(0)} s` },
  ];
  const loss = lossPlot(result.trained);
  const psi = driftPlot(result.before, result.after);
  await savePlot(workspace, 'loss', loss);
  await savePlot(workspace, 'drift', psi);
  const page = htmlPage({
    title: 'The whole loop',
    sections: [
      { heading: 'Summary', table: rows },
      { heading: 'Training', plot: loss },
      { heading: 'What quantization cost and bought', text: result.shrunk.table },
      { heading: 'Drift', plot: psi },
    ],
  });
  await workspace.files.write('report.html', new TextEncoder().encode(page));
  return textTable(rows);
}

/** Where {@link summarize} keeps its files, for people. */
export function reportFolder(workspace: Workspace): string {
  return join(workspace.folder, 'work');
}

function lossPlot({ history }: Learned): Plot {
  const points = (value: (epoch: Learned['history'][number]) => number | undefined) =>
    history.flatMap((epoch) => {
      const y = value(epoch);
      return y === undefined ? [] : [[epoch.epoch, y] as [number, number]];
    });
  return linePlot({
    title: 'Loss',
    x: { label: 'epoch' },
    y: { label: 'cross-entropy', min: 0 },
    series: [
      { name: 'training', points: points((epoch) => epoch.trainLoss) },
      { name: 'held-out pictures', points: points((epoch) => epoch.validationLoss) },
    ],
  });
}

function driftPlot(before: MonitorReport, after: MonitorReport): Plot {
  const names = Object.keys(before.properties);
  return barPlot({
    title: 'Drift against the profile inside the model',
    categories: names,
    y: { label: 'population stability index' },
    series: [
      { name: 'held-out pictures', values: names.map((name) => before.properties[name]!.psi) },
      { name: 'darkened and blurred', values: names.map((name) => after.properties[name]?.psi ?? 0) },
    ],
  });
}

async function savePlot(workspace: Workspace, name: string, plot: Plot): Promise<void> {
  await workspace.files.write(`plots/${name}.svg`, new TextEncoder().encode(plot.toSvg()));
  await workspace.files.write(`plots/${name}.png`, await plot.toPng({ scale: 2 }));
}
