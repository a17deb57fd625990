import { barPlot, htmlPage, type Plot, type TableColumn, textTable } from '@percept/report';

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
    const weights = this.weights.length === 0 ? [] : ['', textTable(rows(this.weights), { columns: weightColumns })];
    return [textTable(rows(this.values), { columns: valueColumns }), ...weights].join('\n');
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
  plot(): Plot {
    const shown = noisiest(this.values, ({ alone, cumulative }) => alone ?? cumulative);
    const alone = shown.map((row) => row.alone ?? Number.NaN);
    return bars(
      'Signal to quantization noise of the values',
      shown.map(({ value }) => value),
      [
        { name: 'cumulative', values: shown.map((row) => row.cumulative) },
        ...(alone.every(Number.isNaN) ? [] : [{ name: 'alone', values: alone }]),
      ],
    );
  }

  /** Ratios of the weights as bars, of at most 120. */
  weightPlot(): Plot {
    const shown = noisiest(this.weights, ({ sqnr }) => sqnr);
    return bars(
      'Signal to quantization noise of the weights',
      shown.map(({ weight }) => weight),
      [{ name: 'weight', values: shown.map(({ sqnr }) => sqnr) }],
    );
  }

  /** A page that opens without network, with both plots and tables. */
  html(options: { readonly title?: string } = {}): string {
    const text = `Over ${this.images} images, in decibels: 6 dB are one bit. Cumulative noise has gathered from the input on; that of a node alone is its own, fed exact values.`;
    return htmlPage({
      title: options.title ?? 'Signal to quantization noise',
      sections: [
        { text, plot: this.plot() },
        { heading: 'Values', table: rows(this.values), columns: valueColumns },
        ...(this.weights.length === 0
          ? []
          : [{ heading: 'Weights', plot: this.weightPlot(), table: rows(this.weights), columns: weightColumns }]),
      ],
    });
  }
}

const decibels = (key: string, title: string): TableColumn => ({ key, title, digits: 1, align: 'right' });
const valueColumns = [
  { key: 'value' },
  { key: 'node' },
  { key: 'opType', title: 'operator' },
  { key: 'quantized' },
  decibels('cumulative', 'cumulative dB'),
  decibels('conversion', 'conversion dB'),
  decibels('alone', 'alone dB'),
];
const weightColumns = [
  { key: 'weight' },
  { key: 'node' },
  { key: 'opType', title: 'operator' },
  decibels('sqnr', 'dB'),
];

/** Rows for a table: infinity as `∞`, booleans as a dot. */
function rows(list: readonly (ValueSqnr | WeightSqnr)[]): Record<string, unknown>[] {
  const cell = (value: unknown) => {
    if (typeof value === 'boolean') return value ? '●' : '';
    return value === Number.POSITIVE_INFINITY ? '∞' : value;
  };
  return list.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, cell(value)])));
}

const most = 120;

/** The rows with the lowest ratios, in their order. */
function noisiest<Row>(list: readonly Row[], ratio: (row: Row) => number): readonly Row[] {
  if (list.length <= most) return list;
  const limit = list.map(ratio).sort((a, b) => a - b)[most - 1]!;
  return list.filter((row) => ratio(row) <= limit).slice(0, most);
}

function bars(title: string, categories: string[], series: { name: string; values: number[] }[]): Plot {
  const height = Math.max(240, 130 + categories.length * (14 * series.length + 8));
  return barPlot({
    title,
    categories: categories.toReversed(),
    series: series.map(({ name, values }) => ({ name, values: values.toReversed() })),
    horizontal: true,
    x: { label: 'dB' },
    height: Math.min(4096, height),
  });
}
