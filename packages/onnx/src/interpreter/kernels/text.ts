// Counting n-grams.
import { malformed, unsupported } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { asTensor, bigints, fromNumbers, strings } from '../value.js';

export const TfIdfVectorizer: Kernel = ([input], context) => {
  const x = asTensor(input);
  const columns = context.ints('ngram_indexes') ?? [];
  const counts = context.ints('ngram_counts') ?? [];
  const pool = (context.strings('pool_strings') ?? context.ints('pool_int64s') ?? []).map(String);
  const [shortest, longest] = [context.int('min_gram_length', 1), context.int('max_gram_length', 1)];
  const skips = context.int('max_skip_count', 0);
  const mode = context.string('mode', 'TF');
  const weights = context.floats('weights');
  if (!['TF', 'IDF', 'TFIDF'].includes(mode))
    throw unsupported(`Expected TF, IDF or TFIDF for mode but received ${mode}`);
  if (x.dims.length > 2)
    throw malformed(`Expected one or two axes for TfIdfVectorizer but received [${x.dims.join(', ')}]`);

  const columnOf = new Map<string, number>();
  let gram = 0;
  for (const [at, first] of counts.entries()) {
    const size = at + 1;
    const end = counts[at + 1] ?? pool.length;
    for (let begin = first; begin + size <= end; begin += size) {
      columnOf.set(keyOf(pool.slice(begin, begin + size)), columns[gram++]!);
    }
  }
  const width = Math.max(-1, ...columns) + 1;
  const items = x.type === 'string' ? [...strings(x)] : bigints(x).map(String);
  const length = x.dims[x.dims.length - 1]!;
  const rows = x.dims.length === 2 ? x.dims[0]! : 1;
  const out = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const own = items.slice(row * length, (row + 1) * length);
    for (let step = 1; step <= skips + 1; step++) {
      for (let size = shortest; size <= longest; size++) {
        // Single items have nothing to skip: they are counted once.
        if (size === 1 && step > 1) continue;
        for (let first = 0; first + (size - 1) * step < own.length; first++) {
          const column = columnOf.get(keyOf(Array.from({ length: size }, (_, k) => own[first + k * step]!)));
          if (column !== undefined) out[row * width + column]!++;
        }
      }
    }
  }
  const y = out.map(
    (count, at) => (mode === 'IDF' ? Math.min(count, 1) : count) * (mode === 'TF' ? 1 : (weights?.[at % width] ?? 1)),
  );
  return [fromNumbers(context.elementType(1), x.dims.length === 2 ? [rows, width] : [width], y)];
};

/** A key that no other sequence of items has. */
function keyOf(items: readonly string[]): string {
  return JSON.stringify(items);
}
