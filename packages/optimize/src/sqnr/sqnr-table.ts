import type { TableColumn } from '@percept/report';
import type { ValueSqnr, WeightSqnr } from './sqnr-report.js';

const decibels = (key: string, title: string): TableColumn => ({ key, title, digits: 1, align: 'right' });
export const valueColumns = [
  { key: 'value' },
  { key: 'node' },
  { key: 'opType', title: 'operator' },
  { key: 'quantized' },
  decibels('cumulative', 'cumulative dB'),
  decibels('conversion', 'conversion dB'),
  decibels('alone', 'alone dB'),
];
export const weightColumns = [
  { key: 'weight' },
  { key: 'node' },
  { key: 'opType', title: 'operator' },
  decibels('sqnr', 'dB'),
];

/** Rows for a table: infinity as `∞`, booleans as a dot. */
export function tableRows(list: readonly (ValueSqnr | WeightSqnr)[]): Record<string, unknown>[] {
  const cell = (value: unknown) => {
    if (typeof value === 'boolean') return value ? '●' : '';
    return value === Number.POSITIVE_INFINITY ? '∞' : value;
  };
  return list.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, cell(value)])));
}
