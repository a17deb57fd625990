import type { Plot } from '@percept/report';
import { textTable } from '@percept/report/text';
import type { SqnrPageOptions } from './sqnr-page.js';
import { tableRows, valueColumns, weightColumns } from './sqnr-table.js';

/**
 * Signal-to-quantization-noise ratios of a value, in decibels: `10 · log10(Σ x² / Σ (x − y)²)` over all elements and
 * images. `Infinity` where there is no noise at all. 6 dB are one bit.
 */
export interface ValueSqnr {
  /** Name of the value in the float model. */
  readonly value: string;
  /**
   * Name of the node that makes it in the quantized model, or its own for inputs. That is a Conv for the value of a Relu
   * which the saturation of the Conv's integers stands for.
   */
  readonly node: string;
  /** What the node computes; `input` for inputs. */
  readonly opType: string;
  /** Whether the quantized model converts it to integers. */
  readonly quantized: boolean;
  /** Float model against quantized model: all noise that has gathered so far. */
  readonly cumulative: number;
  /**
   * Before against after the conversion, within the quantized model; absent where the value stays float, and where the
   * conversion stands for a Relu as well.
   */
  readonly conversion?: number | undefined;
  /** The noise of this node alone, fed exact values, which its conversions round: as if only it was quantized. */
  readonly alone?: number | undefined;
}

/** Signal-to-quantization-noise ratio of a weight, as of {@link ValueSqnr}. */
export interface WeightSqnr {
  /** Name of the constant in the float model. */
  readonly weight: string;
  /** The first node that reads it. */
  readonly node: string;
  readonly opType: string;
  readonly sqnr: number;
}

/** A {@link SqnrReport} as JSON, where no noise at all is `null`. */
export interface SqnrJson {
  readonly schema: 'percept.sqnr';
  readonly version: 1;
  readonly images: number;
  readonly values: readonly SqnrJsonOf<ValueSqnr>[];
  readonly weights: readonly SqnrJsonOf<WeightSqnr>[];
}

/** Decibels as JSON has them. */
export type SqnrJsonOf<Row> = {
  readonly [Key in keyof Row]: Row[Key] extends number | undefined ? Row[Key] | null : Row[Key];
};

/** Which layers of a quantized model lose how much. */
export class SqnrReport {
  /** In the order in which the float model computes them. */
  readonly values: readonly ValueSqnr[];
  readonly weights: readonly WeightSqnr[];
  /** Images that the values were measured on. */
  readonly images: number;

  constructor(values: readonly ValueSqnr[], weights: readonly WeightSqnr[], images: number) {
    this.values = values;
    this.weights = weights;
    this.images = images;
  }

  /** Two tables for the terminal, of values and of weights, in the order of the graph. */
  table(): string {
    const weights =
      this.weights.length === 0 ? [] : ['', textTable(tableRows(this.weights), { columns: weightColumns })];
    return [textTable(tableRows(this.values), { columns: valueColumns }), ...weights].join('\n');
  }

  /** The figures as plain data. */
  json(): SqnrJson {
    const finite = <Row extends object>(row: Row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          typeof value === 'number' && !Number.isFinite(value) ? null : value,
        ]),
      ) as SqnrJsonOf<Row>;
    return {
      schema: 'percept.sqnr',
      version: 1,
      images: this.images,
      values: this.values.map(finite),
      weights: this.weights.map(finite),
    };
  }

  /** The same for `JSON.stringify`. */
  toJSON(): SqnrJson {
    return this.json();
  }

  /** Ratios of the values as bars, in the order of the graph; of more than 120 those with most noise of their own. */
  async plot(): Promise<Plot> {
    // The plots weigh more than all the rest: who wants none does not load them.
    const { valuePlot } = await import('./sqnr-page.js');
    return valuePlot(this);
  }

  /** Ratios of the weights as bars, of at most 120. */
  async weightPlot(): Promise<Plot> {
    const { weightPlot } = await import('./sqnr-page.js');
    return weightPlot(this);
  }

  /** A page that opens without network, with both plots and tables. */
  async html(options: SqnrPageOptions = {}): Promise<string> {
    const { sqnrPage } = await import('./sqnr-page.js');
    return sqnrPage(this, options);
  }
}
