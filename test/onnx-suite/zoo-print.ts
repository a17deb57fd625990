import { textTable } from '@percept/report';
import { isAsRecorded, scoreZoo } from './zoo.js';
import { dataFolder } from './zoo-images.js';

/** Tries the models of PERCEPT_DATA, prints what they got right, and tells how many counts are not as recorded. */
export async function printZoo(): Promise<number> {
  const data = dataFolder();
  if ('reason' in data) {
    console.log(`\nModels with known answers: skipped, ${data.reason}`);
    return 0;
  }
  const started = performance.now();
  const rows = await scoreZoo(data.folder);
  console.log(`\nModels with known answers, ${Math.round((performance.now() - started) / 1000)} s\n`);
  console.log(
    textTable(
      rows.map((row) => ({
        model: row.model,
        measure: row.measure,
        images: row.images,
        right: row.correct,
        'golden.json': row.golden,
        'done again': row.recorded ?? '',
        may: row.tolerance === 0 ? 'be equal' : `differ by ${row.tolerance}`,
        verdict: isAsRecorded(row) ? 'as recorded' : 'OTHER',
      })),
    ),
  );
  for (const { model, measure, differing } of rows) {
    if (differing.length > 0)
      console.log(`  ${model} ${measure}, decided by half a pixel or a level: ${differing.join(', ')}`);
  }
  const other = rows.filter((row) => !isAsRecorded(row)).length;
  console.log(`${rows.length - other} of ${rows.length} counts as recorded`);
  return other;
}
