import { textTable } from '@percept/report';

/** What was measured of one model. */
export interface ComparisonRow {
  readonly name: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Size of the file after gzip, which is what travels over most networks. */
  readonly gzipBytes: number;
  /** Milliseconds for one image: median, and 95th percentile. */
  readonly latency: { readonly p50: number; readonly p95: number };
  /** Share of images given their class, 0..1. */
  readonly accuracy: number;
  /** Share of images given the same class as the first model gives, 0..1. */
  readonly agreement: number;
}

/** {@link Comparison} as JSON. */
export interface ComparisonJson {
  readonly images: number;
  readonly rows: readonly ComparisonRow[];
}

/** Figures of several models, side by side; the first one is what the others are held against. */
export class Comparison {
  readonly rows: readonly ComparisonRow[];
  /** Images that accuracy and agreement were measured on. */
  readonly images: number;

  constructor(rows: readonly ComparisonRow[], images: number) {
    this.rows = rows;
    this.images = images;
  }

  /** A table for the terminal. `smaller` and `faster` are factors against the first model (size, median latency). */
  table(): string {
    const first = this.rows[0]!;
    const rows = this.rows.map((row) => ({
      name: row.name,
      size: row.bytes / 1000,
      gzip: row.gzipBytes / 1000,
      smaller: first.bytes / row.bytes,
      p50: row.latency.p50,
      p95: row.latency.p95,
      faster: first.latency.p50 / row.latency.p50,
      accuracy: 100 * row.accuracy,
      agreement: 100 * row.agreement,
    }));
    const number = (key: string, title: string, digits: number) => ({ key, title, digits, align: 'right' as const });
    return textTable(rows, {
      columns: [
        { key: 'name', title: 'model' },
        number('size', 'kB', 1),
        number('gzip', 'gzip kB', 1),
        number('smaller', 'smaller ×', 2),
        number('p50', 'p50 ms', 2),
        number('p95', 'p95 ms', 2),
        number('faster', 'faster ×', 2),
        number('accuracy', 'accuracy %', 2),
        number('agreement', 'agreement %', 2),
      ],
    });
  }

  /** The figures as plain data. */
  toJSON(): ComparisonJson {
    return { images: this.images, rows: this.rows };
  }
}
