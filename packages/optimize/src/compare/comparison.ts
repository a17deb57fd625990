import { parseOptions } from '@percept/core';
import {
  type ComparisonFigures,
  type ComparisonJson,
  type ComparisonRow,
  comparisonJsonSchema,
} from './comparison-json.js';
import type { ComparisonPageOptions } from './comparison-page.js';
import { comparisonTable } from './comparison-table.js';

/** Figures of several models, side by side; the first one is what the others are held against. */
export class Comparison<Row extends ComparisonRow = ComparisonRow> {
  /** Everything that was found. */
  readonly figures: ComparisonFigures<Row>;

  constructor(figures: ComparisonFigures<Row>) {
    this.figures = figures;
  }

  /**
   * A comparison from what {@link json} gave, also that of an earlier release.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when it is not of that form
   */
  static fromJson(json: unknown): Comparison {
    const { schema: _, version: __, ...figures } = parseOptions(comparisonJsonSchema, json, 'JSON of a comparison');
    return new Comparison(figures);
  }

  /** One row a model, in the order given. */
  get rows(): readonly Row[] {
    return this.figures.rows;
  }

  /** Images that the scores were measured on; 0 where only the caller's `evaluate` knows. */
  get images(): number {
    return this.figures.images ?? 0;
  }

  /**
   * Tables for the terminal: what the models can and take, then what they cost, then machine and notes. `smaller` and
   * `faster` are factors against the first model (size, median latency), `McNemar p` is {@link PairedTest.p}, and a dot
   * marks the Pareto front of score and latency.
   */
  table(): string {
    return comparisonTable(this.figures);
  }

  /** The figures as plain data. */
  json(): ComparisonJson<Row> {
    return { schema: 'percept.comparison', version: 1, ...this.figures };
  }

  /** The same for `JSON.stringify`. */
  toJSON(): ComparisonJson<Row> {
    return this.json();
  }

  /** A page that opens without network, with plots and every figure. The same figures give the same page. */
  async html(options: ComparisonPageOptions = {}): Promise<string> {
    // The plots weigh more than all the rest: who wants none does not load them.
    const { comparisonPage } = await import('./comparison-page.js');
    return comparisonPage(this.figures, options);
  }
}
