// A stock ONNX file and a folder of photos in; four smaller models, a table and a page of plots out.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPerceptError, type PreprocessSpec } from '@percept/core';
import { createLoader, subset } from '@percept/data';
import { torchvisionPreset } from '@percept/image';
import { readMetadata, readModel, withMetadata, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { compareModels } from '@percept/optimize';
import { terminalProgress } from '@percept/report';
import { answered } from './answered.js';
import { type ExampleOptions, readOptions, usage } from './options.js';
import { openPhotos } from './photos.js';
import { smallerModels } from './smaller-models.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else await run(options);
} catch (error) {
  if (!isPerceptError(error)) throw error;
  console.error(error.code === 'ABORTED' ? '\nStopped.' : `\n${error.code}: ${error.message}`);
  process.exitCode = { ABORTED: 130, EXAMPLE_USAGE: 2 }[error.code] ?? 1;
}

async function run({
  model: file,
  data,
  preprocess: preset,
  out,
  photos: most,
  epochs,
}: ExampleOptions): Promise<void> {
  const progress = terminalProgress(process.stderr);
  const long = { signal: stop.signal, onProgress: progress.onProgress };
  const runtime = onnxruntimeNode();
  try {
    const { source, skipped } = await openPhotos(data, most);
    for (const reason of skipped) console.log(`left out ${reason}`);
    const stock = readModel(await readFile(file));
    const preprocess = preprocessing(readMetadata(stock).preprocess, preset);
    const model = withMetadata(stock, { preprocess });
    const labelled = await answered(model, source, { preprocess, runtime, signal: stop.signal });
    const judged = Math.ceil(labelled.length / 4);
    const places = labelled.keys.map((_, index) => index);
    const loader = (indices: number[], shuffle: boolean) =>
      createLoader({ source: subset(labelled, indices), preprocess, batchSize: 16, shuffle, dropLast: shuffle });
    const judging = loader(places.slice(0, judged), false);
    const learning = loader(places.slice(judged), true);

    await mkdir(out, { recursive: true });
    const models = [{ name: 'as given', model: writeModel(model) }];
    for await (const { name, model: smaller, note } of smallerModels(model, {
      learning,
      judging,
      runtime,
      epochs,
      ...long,
    })) {
      const bytes = writeModel(smaller);
      await writeFile(join(out, `${name.replaceAll(' ', '-')}.onnx`), bytes);
      models.push({ name, model: bytes });
      progress.stop();
      console.log(`${name}: ${note}`);
    }
    const latency = { threads: [1, 2], runs: 30, warmUp: 5 };
    const comparison = await compareModels(models, { data: judging, runtime, latency, ...long });
    progress.stop();
    const page = join(out, 'report.html');
    await writeFile(page, await comparison.html({ title: 'Smaller models' }));
    console.log(`\n${comparison.table()}\n`);
    console.log(`The accuracy is agreement with the model as given, on ${judged} photos. ${page} shows it.`);
  } finally {
    progress.stop();
  }
}

/** How photos become the network's input: as its file says, or as a preset says. */
function preprocessing(told: PreprocessSpec | undefined, name: ExampleOptions['preprocess']): PreprocessSpec {
  if (name === undefined && told !== undefined) return told;
  const photo = torchvisionPreset();
  // The same crop of the photo, in other numbers.
  return name === 'tensorflow' ? { ...photo, scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] } : photo;
}
