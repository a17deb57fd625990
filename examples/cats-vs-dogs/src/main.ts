// Cats and dogs from a network that has seen ImageNet: fine-tune, judge, look at the mistakes, keep the model.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPerceptError } from '@percept/core';
import { writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { htmlPage, terminalProgress, textTable } from '@percept/report';
import { fsStorage } from '@percept/storage/backends/fs';
import { evaluate, evaluationPage, fromOnnx, Trainer } from '@percept/train';
import { type ExampleOptions, readOptions, usage } from './options.js';
import { openPhotos } from './photos.js';
import { preprocessingOf } from './preprocessing.js';
import { inOrder, recipes } from './recipes.js';
import { nameTraining } from './training-name.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else await run(options);
} catch (error) {
  if (!isPerceptError(error)) throw error;
  if (error.code === 'ABORTED') console.error('\nStopped. The same command goes on from here.');
  else console.error(`\n${error.code}: ${error.message}`);
  process.exitCode = { ABORTED: 130, EXAMPLE_USAGE: 2 }[error.code] ?? 1;
}

async function run(options: ExampleOptions): Promise<void> {
  const started = Date.now();
  const photos = await openPhotos(options.data, options.quick);
  const { train, test, skipped } = photos;
  console.log(`${train.length} photos to learn from, ${test.length} to be judged by: ${train.classes.join(', ')}`);
  for (const reason of skipped) console.log(`  left out ${reason}`);

  const network = await readFile(options.model);
  const pretrained = fromOnnx(network);
  const preprocess = preprocessingOf(pretrained, options.preprocess);
  const kept = {
    storage: fsStorage(options.out),
    name: await nameTraining({ ...options, model: network, preprocess, photos }),
  };
  const trainer = new Trainer({
    ...recipes[options.recipe](pretrained, photos, preprocess, kept),
    checkpoint: { storage: kept.storage, key: `checkpoint-${kept.name}`, everySeconds: 30 },
  });
  const progress = terminalProgress(process.stderr);
  const long = { signal: stop.signal, onProgress: progress.onProgress };
  try {
    const { model } = await trainer.fit(long);
    const bytes = writeModel(model);
    const report = await evaluate(bytes, inOrder(test, preprocess), { runtime: onnxruntimeNode(), ...long });
    progress.stop();

    await mkdir(options.out, { recursive: true });
    await writeFile(join(options.out, 'model.onnx'), bytes);
    const page = await evaluationPage(report, {
      title: `Cats and dogs: ${options.recipe}`,
      picture: ({ index }) => test.read(index),
    });
    await writeFile(join(options.out, 'report.html'), htmlPage(page));

    const { accuracy, precision, recall, f1 } = report;
    const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
    const rows = train.classes.map((name, index) => ({
      class: name,
      precision: percent(precision.perClass[index]!),
      recall: percent(recall.perClass[index]!),
      F1: percent(f1.perClass[index]!),
    }));
    console.log(textTable(rows));
    const { lower, upper } = report.intervals.accuracy;
    console.log(`accuracy ${percent(accuracy)} (95 % interval ${percent(lower)} to ${percent(upper)})`);
    console.log(
      `${Math.round((Date.now() - started) / 1000)} s; ${join(options.out, 'report.html')} shows the mistakes`,
    );
  } finally {
    progress.stop();
  }
}
