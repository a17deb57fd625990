import { parseOptions } from '@percept/core';
import stringWidth from 'string-width';
import * as z from 'zod';
import { decimalsFor, formatFixed } from './format-number.js';
import { plainText } from './plain-text.js';

/** How one column of a table looks. */
export interface TableColumn {
  /** Key in the rows. */
  key: string;
  /** Header. Default: the key. */
  title?: string;
  /** Default: `right` when all values of the column are numbers, else `left`. */
  align?: 'left' | 'right';
  /** Decimals of its numbers, 0..20. Default: none when all are integers, else about four significant digits. */
  digits?: number;
}

/** A row: values by column key. Numbers get thousands separators, `null` and missing values show as `–`. */
export type TableRow = Readonly<Record<string, unknown>>;

/** Options of {@link textTable}. */
export interface TextTableOptions {
  /** Columns, in order. Default: every key, in the order in which the rows first name it. */
  columns?: readonly TableColumn[];
}

export const columnsSchema = z.array(
  z.strictObject({
    key: z.string(),
    title: z.string().optional(),
    align: z.enum(['left', 'right']).optional(),
    digits: z.int().min(0).max(20).optional(),
  }),
);
export const rowsSchema = z.array(z.record(z.string(), z.unknown()));
const optionsSchema = z.strictObject({ columns: columnsSchema.optional() });

/** A table with every cell as text. */
export interface FormattedTable {
  readonly columns: readonly { readonly key: string; readonly title: string; readonly align: 'left' | 'right' }[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Rows as a table of plain text, columns aligned also with wide characters (CJK, emoji). Ends without a line break.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when rows or columns are not of their form
 */
export function textTable(rows: readonly TableRow[], options: TextTableOptions = {}): string {
  const { columns } = parseOptions(optionsSchema, options, 'textTable() options');
  const table = formatTable(parseOptions(rowsSchema, rows, 'rows'), columns as readonly TableColumn[] | undefined);
  const widths = table.columns.map(({ title }, i) =>
    Math.max(stringWidth(title), ...table.rows.map((row) => stringWidth(row[i]!))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const space = ' '.repeat(widths[i]! - stringWidth(cell));
        return table.columns[i]!.align === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  const header = table.columns.map(({ title }) => title);
  const rule = widths.map((width) => '─'.repeat(width));
  return [header, rule, ...table.rows].map(line).join('\n');
}

/** Chooses columns, alignment and decimals, and turns every value into text. */
export function formatTable(rows: readonly TableRow[], columns?: readonly TableColumn[]): FormattedTable {
  const chosen: readonly TableColumn[] =
    columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))].map((key) => ({ key }));
  const formatted = chosen.map(({ key, title, align, digits }) => {
    const values = rows.map((row) => row[key]);
    const present = values.filter((value) => value !== null && value !== undefined);
    const numbers = present.filter((value): value is number => typeof value === 'number');
    const numeric = present.length > 0 && present.every((value) => /number|bigint/.test(typeof value));
    const decimals = digits ?? decimalsFor(numbers);
    return {
      key,
      title: plainText(title ?? key),
      align: align ?? (numeric ? ('right' as const) : ('left' as const)),
      cells: values.map((value) => formatCell(value, decimals)),
    };
  });
  return { columns: formatted, rows: rows.map((_, i) => formatted.map(({ cells }) => cells[i]!)) };
}

function formatCell(value: unknown, decimals: number): string {
  switch (typeof value) {
    case 'number':
      return formatFixed(value, decimals);
    case 'bigint':
      return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
    case 'string':
      return plainText(value);
    case 'undefined':
      return '–';
    case 'object':
      if (value === null) return '–';
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
      return plainText(jsonOrName(value));
    default:
      return plainText(String(value));
  }
}

function jsonOrName(value: object): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Cycles and bigints have no JSON.
    return Object.prototype.toString.call(value);
  }
}
