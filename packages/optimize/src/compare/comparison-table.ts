import type { Interval } from '@percept/metrics';
import { type TableColumn, type TableRow, textTable } from '@percept/report/text';
import type { ComparisonFigures, ComparisonRow, LatencyFigures } from './comparison-json.js';
import type { Machine } from './platform.js';

/** A table as `textTable` and `htmlPage` take it. */
export interface FigureTable {
  readonly rows: readonly TableRow[];
  readonly columns: readonly TableColumn[];
}

/** The figures as text: two tables, the machine, and what could not be measured. */
export function comparisonTable(figures: ComparisonFigures): string {
  const text = ({ rows, columns }: FigureTable) => textTable(rows, { columns });
  const lines = [text(resultTable(figures)), '', text(costTable(figures)), '', measuredWith(figures)];
  return [...lines, ...figures.notes.map((note) => `Note: ${note}`)].join('\n');
}

/** What the models can and what they take. */
export function resultTable({ rows }: ComparisonFigures): FigureTable {
  const first = rows[0]!;
  const { metric } = first.score;
  const unit = isShare(first) ? 100 : 1;
  const classifiers = first.agreement !== undefined;
  return {
    rows: rows.map((row) => ({
      name: row.name,
      size: row.bytes / 1000,
      gzip: row.gzipBytes / 1000,
      smaller: first.bytes / row.bytes,
      p50: row.latency.p50,
      p95: row.latency.p95,
      faster: first.latency.p50 / row.latency.p50,
      score: unit * row.score.value,
      interval: intervalText(row.score.interval, unit),
      agreement: row.agreement === undefined ? undefined : 100 * row.agreement,
      agreementInterval: intervalText(row.agreementInterval, 100),
      p: row.paired?.p,
      front: row.pareto ? '●' : '',
    })),
    columns: [
      { key: 'name', title: 'model' },
      number('size', 'kB', 1),
      number('gzip', 'gzip kB', 1),
      number('smaller', 'smaller ×', 2),
      number('p50', 'p50 ms', 2),
      number('p95', 'p95 ms', 2),
      number('faster', 'faster ×', 2),
      number('score', unit === 100 ? `${metric} %` : metric, unit === 100 ? 2 : 4),
      { key: 'interval', title: 'interval', align: 'right' },
      ...(classifiers
        ? [
            number('agreement', 'agreement %', 2),
            { key: 'agreementInterval', title: 'interval', align: 'right' as const },
            number('p', 'McNemar p', 3),
          ]
        : []),
      { key: 'front', title: 'front' },
    ],
  };
}

/** What the models cost: weights, operations, memory, and the latency of every setting. */
export function costTable({ rows }: ComparisonFigures): FigureTable {
  const settings = settingsOf(rows);
  return {
    rows: rows.map((row) => ({
      name: row.name,
      parameters: row.parameters === undefined ? undefined : row.parameters / 1e6,
      macs: row.macs === undefined ? undefined : row.macs / 1e6,
      memory: row.memoryBytes === undefined ? undefined : row.memoryBytes / 1e6,
      ...Object.fromEntries(settings.map(({ label }) => [label, figuresOf(row, label)?.imagesPerSecond])),
    })),
    columns: [
      { key: 'name', title: 'model' },
      number('parameters', 'M parameters', 3),
      number('macs', 'M MACs', 2),
      number('memory', 'memory MB', 1),
      ...settings.map(({ label }) => number(label, `images/s, ${label}`, 1)),
    ],
  };
}

/** The latencies of every model in every setting. */
export function latencyTable({ rows }: ComparisonFigures): FigureTable {
  return {
    rows: rows.flatMap((row) =>
      row.latencies.map((figures) => ({
        name: row.name,
        threads: figures.threads ?? 'default',
        batch: figures.batch,
        p50: figures.p50,
        interval: intervalText(figures.p50Interval, 1),
        p95: figures.p95,
        imagesPerSecond: figures.imagesPerSecond,
        runs: figures.milliseconds.length,
      })),
    ),
    columns: [
      { key: 'name', title: 'model' },
      { key: 'threads', align: 'right' },
      { key: 'batch' },
      number('p50', 'p50 ms', 3),
      { key: 'interval', title: 'interval of p50', align: 'right' },
      number('p95', 'p95 ms', 3),
      number('imagesPerSecond', 'images/s', 1),
      { key: 'runs' },
    ],
  };
}

/** A number of threads and a size of batch. */
export interface Setting {
  readonly label: string;
  readonly figures: LatencyFigures;
}

/** The settings that any model was timed in, in order. */
export function settingsOf(rows: readonly ComparisonRow[]): readonly Setting[] {
  const all = rows.flatMap((row) => row.latencies).map((figures) => [labelOf(figures), figures] as const);
  return [...new Map(all)].map(([label, figures]) => ({ label, figures }));
}

/** The latency of a model in a setting, where it was timed in it. */
export function figuresOf(row: ComparisonRow, label: string): LatencyFigures | undefined {
  return row.latencies.find((figures) => labelOf(figures) === label);
}

function labelOf({ threads, batch }: LatencyFigures): string {
  const threadsText = threads === undefined ? 'default threads' : `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return `${threadsText}, batch ${batch}`;
}

/** Where and on what the figures were measured. */
export function measuredWith({ images, runtime, machine, confidence }: ComparisonFigures): string {
  const scored = images === undefined ? [] : [`${images} images`];
  return [...scored, `${percent(confidence)} intervals`, runtime, machineText(machine)].join(', ');
}

function machineText({ cpu, cores, extensions, host }: Machine): string {
  const flags =
    extensions === undefined ? 'vector extensions unknown' : extensions.join(' + ') || 'no vector extensions';
  return [...(cpu === undefined ? [] : [cpu]), `${cores} cores`, flags, host].join(', ');
}

/** Whether a score is a share that reads better in percent. */
export function isShare({ accuracy }: ComparisonRow): boolean {
  return accuracy !== undefined;
}

/** `95 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(6))} %`;
}

function intervalText(interval: Interval | undefined, unit: number): string | undefined {
  if (interval === undefined) return undefined;
  const digits = unit === 100 ? 2 : 3;
  return `${(unit * interval.lower).toFixed(digits)}–${(unit * interval.upper).toFixed(digits)}`;
}

function number(key: string, title: string, digits: number): TableColumn {
  return { key, title, digits, align: 'right' };
}
