import { textTable } from '@percept/report';
import { describeMachine } from './machine.js';

/** One line of a benchmark. */
export interface Row {
  readonly row: string;
  readonly ours: number;
  /** `null` when the peer is not there. */
  readonly peer: number | null;
  /** Above 1 means that ours is better. */
  readonly ratio: number | null;
  readonly unit: string;
  /** The ratio that this row should reach, if there is one. */
  readonly floor: number | null;
}

/** Makes a row of a figure that is better when it is higher (`images/s`). */
export function higherIsBetter(
  row: string,
  ours: number,
  peer: number | null,
  unit: string,
  floor: number | null = null,
): Row {
  return { row, ours, peer, ratio: peer === null ? null : ours / peer, unit, floor };
}

/**
 * Prints the machine, the rows as a table, the row that misses its floor most last, and then the summary of that row
 * with all rows as one line of JSON.
 */
export function printResult(name: string, rows: readonly Row[]): void {
  const sorted = [...rows].sort((a, b) => shortfall(a) - shortfall(b));
  const last = sorted.at(-1)!;
  console.log(`\n${describeMachine()}\n`);
  console.log(
    textTable(
      sorted.map((row) => ({
        row: row.row,
        ours: round(row.ours),
        peer: row.peer === null ? 'absent' : round(row.peer),
        ratio: row.ratio === null ? '' : `${round(row.ratio)}x`,
        unit: row.unit,
        floor: row.floor === null ? '' : `${row.floor}x`,
      })),
    ),
  );
  console.log(
    JSON.stringify({ name, ours: last.ours, peer: last.peer, ratio: last.ratio, unit: last.unit, rows: sorted }),
  );
}

/** How far a row is below its floor, as a factor; rows without floor or peer come first. */
function shortfall({ ratio, floor }: Row): number {
  return ratio === null || floor === null ? Number.NEGATIVE_INFINITY : floor / ratio;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
