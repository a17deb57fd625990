import { PerceptError, parseOptions, type Tracker } from '@percept/core';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import { CoalescedWrites } from './coalesced-writes.js';
import { readCsv, writeCsv } from './csv.js';
import { checkMetrics, ParamBook } from './log-entries.js';

/** Options of {@link csvTracker}. */
export interface CsvTrackerOptions {
  /** Where the files are kept. */
  storage: Storage;
  /** The folder of the run in it, such as `runs/first`. */
  key: string;
}

const schema = z.strictObject({
  storage: z.custom<Storage>((value) => typeof (value as Storage | undefined)?.write === 'function', 'a Storage'),
  key: z.string().min(1),
});

const stepColumn = 'step';
const paramsHeader = ['name', 'value'];

/**
 * Keeps a run as files that every spreadsheet and data frame opens: `metrics.csv` with a row for each step and a column
 * for each metric, `params.csv`, and the run's other files beside them.
 *
 * What is logged is durable when the call resolves. A step that is logged again, as a resumed training does, replaces the
 * values of its row; a metric that appears later gets a column of its own, empty before. NaN and infinite values are
 * written as `NaN`, `Infinity` and `-Infinity`. The whole file is written each time, so log epochs rather than steps.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; its functions too, and `TRAIN_LOG_INVALID` when there
 *   are files under the key that it has not written, `TRAIN_PARAM_CONFLICT`, what the storage throws
 */
export function csvTracker(options: CsvTrackerOptions): Tracker {
  const { storage, key } = parseOptions(schema, options, 'csvTracker() options');
  const folder = key.replace(/\/$/, '');
  const [metricsKey, paramsKey] = [`${folder}/metrics.csv`, `${folder}/params.csv`];
  let columns: string[] = [];
  let rows = new Map<number, Map<string, number>>();
  let params = new ParamBook();

  const write = async (name: string, table: readonly (readonly string[])[]): Promise<void> => {
    await storage.write(name, new TextEncoder().encode(writeCsv(table)));
  };
  const metricsWrites = new CoalescedWrites(() => {
    const ordered = [...rows].sort(([a], [b]) => a - b);
    return write(metricsKey, [
      [stepColumn, ...columns],
      ...ordered.map(([step, values]) => [String(step), ...columns.map((name) => textOf(values.get(name)))]),
    ]);
  });
  const paramsWrites = new CoalescedWrites(() => write(paramsKey, [paramsHeader, ...params.entries()]));

  async function open(): Promise<void> {
    const logged = metricsTable(await readTable(storage, metricsKey), metricsKey);
    const [header, ...known] = await readTable(storage, paramsKey);
    if (header !== undefined && header.join() !== paramsHeader.join()) throw invalid(paramsKey);
    ({ columns, rows } = logged);
    params = new ParamBook(known.map(([name = '', value = '']) => [name, value] as const));
  }
  let opened: Promise<void> | undefined;
  const ready = (): Promise<void> => {
    opened ??= open().catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };

  return {
    async logParams(given) {
      await ready();
      if (params.add(given).length > 0) await paramsWrites.request();
    },
    async logMetrics(metrics, step) {
      checkMetrics(metrics, step);
      if (Object.hasOwn(metrics, stepColumn)) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected metrics of other names than ${stepColumn}, which is the column of the steps`,
        );
      }
      await ready();
      const row = rows.get(step) ?? new Map<string, number>();
      rows.set(step, row);
      for (const [name, value] of Object.entries(metrics)) {
        row.set(name, value);
        if (!columns.includes(name)) columns.push(name);
      }
      await metricsWrites.request();
    },
    async logArtifact(path, bytes) {
      if (path === 'metrics.csv' || path === 'params.csv') {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected another path than ${path}, which the tracker itself writes, for logArtifact()`,
        );
      }
      await storage.write(`${folder}/${path}`, bytes);
    },
  };
}

function textOf(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

async function readTable(storage: Storage, key: string): Promise<string[][]> {
  if ((await storage.stat(key)) === undefined) return [];
  const table = readCsv(new TextDecoder().decode(await storage.read(key)));
  if (table === undefined || table.some((row) => row.length !== table[0]!.length)) throw invalid(key);
  return table;
}

function metricsTable(
  [header, ...body]: readonly (readonly string[])[],
  key: string,
): { columns: string[]; rows: Map<number, Map<string, number>> } {
  const rows = new Map<number, Map<string, number>>();
  if (header === undefined) return { columns: [], rows };
  const [first, ...columns] = header;
  if (first !== stepColumn || new Set(columns).size !== columns.length) throw invalid(key);
  for (const [step = '', ...fields] of body) {
    const values = new Map<string, number>();
    for (const [i, field] of fields.entries()) {
      if (field === '') continue;
      const value = Number(field);
      if (Number.isNaN(value) && field !== 'NaN') throw invalid(key);
      values.set(columns[i]!, value);
    }
    if (!/^\d+$/.test(step)) throw invalid(key);
    rows.set(Number(step), values);
  }
  return { columns, rows };
}

function invalid(key: string): PerceptError {
  return new PerceptError(
    'TRAIN_LOG_INVALID',
    `Expected a table that csvTracker() wrote under ${key} but it cannot be read as one. Give another key, or delete it`,
    { details: { key } },
  );
}
