/** Elements that begin at `first` and lie `step` apart. */
export interface Row {
  readonly first: number;
  readonly step: number;
  readonly size: number;
}

/** Axis of a tensor, seen as [outer, size, inner]. */
export interface Axis {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** Every row along an axis. */
export function* rowsAlong({ outer, size, inner }: Axis): Generator<Row> {
  for (let at = 0; at < outer * inner; at++) {
    yield { first: Math.floor(at / inner) * size * inner + (at % inner), step: inner, size };
  }
}
