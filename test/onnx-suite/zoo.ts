// The models of PERCEPT_DATA, through @percept/image and @percept/onnx on onnxruntime-node: do they get right what they got
// right when golden.json was recorded? CIFAR-10 comes from a PNG, so every count is exact. Photos come from JPEG, and a
// crop whose place is half a pixel may be rounded either way: two photos of a thousand may change sides. What the record
// got right is computed again, photo by photo, so that those that do are named.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image, PreprocessSpec } from '@percept/core';
import { decodeImage, preprocess } from '@percept/image';
import type { Session } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { cifarImages, imagenetPhotos, type Photo, recordedCentre } from './zoo-images.js';
import { cifarModels, photoModels, type ZooModel } from './zoo-models.js';
import { type Score, scoreImages } from './zoo-score.js';

/** What a model got right. */
export interface ZooRow {
  readonly model: string;
  readonly measure: 'top-1' | 'top-5';
  readonly images: number;
  readonly correct: number;
  /** What it got right in the way that golden.json was recorded, as far as that can be done again here. */
  readonly recorded: number | undefined;
  /** What golden.json says, of all images; `undefined` when fewer were tried. */
  readonly golden: number | undefined;
  /** How far from it the count may be. */
  readonly tolerance: number;
  /** Photos that change sides: `+` right with ours alone, `-` right in the record alone. */
  readonly differing: readonly string[];
}

/** How many images to try. Default: all. */
export interface ZooSizes {
  readonly cifar?: number;
  readonly photos?: number;
}

/** Whether a row is as it should be. */
export function isAsRecorded({ correct, recorded, golden, tolerance }: ZooRow): boolean {
  const reference = golden ?? recorded;
  return reference === undefined || Math.abs(correct - reference) <= tolerance;
}

/** Tries all models of the folder. */
export async function scoreZoo(folder: string, { cifar = 10_000, photos = 1000 }: ZooSizes = {}): Promise<ZooRow[]> {
  const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;
  return [...(await scoreCifar(folder, cifar, golden)), ...(await scorePhotos(folder, photos, golden))];
}

interface Golden {
  readonly 'cifar10_test_batch.png': Readonly<Record<string, number>>;
  readonly imagenet_1k_samples_and_catdog: Readonly<
    Record<string, { readonly imagenet_top1: number; readonly imagenet_top5: number }>
  >;
}

function open(folder: string, { path }: ZooModel): Promise<Session> {
  // Without it, processors that lack VNNI compute 8-bit convolutions in 16 bits that overflow: MobileNetV2 falls from 85 to 80 %.
  const configEntries = { 'session.x64quantprecision': '1' };
  return onnxruntimeNode().createSession(readFileSync(join(folder, 'models', path)), { configEntries });
}

async function scoreCifar(folder: string, count: number, golden: Golden): Promise<ZooRow[]> {
  const { images, labels } = await cifarImages(folder, count);
  const rows: ZooRow[] = [];
  for (const model of cifarModels) {
    const session = await open(folder, model);
    const { top1 } = await scoreImages(session, model, images, labels);
    await session.close();
    const share = golden['cifar10_test_batch.png'][`models/${model.path}`]!;
    rows.push({
      model: model.path,
      measure: 'top-1',
      images: count,
      correct: right(top1),
      recorded: undefined,
      golden: count === 10_000 ? Math.round(share * 10_000) : undefined,
      tolerance: 0,
      differing: [],
    });
  }
  return rows;
}

async function scorePhotos(folder: string, count: number, golden: Golden): Promise<ZooRow[]> {
  const photos = await imagenetPhotos(folder, count);
  const sessions = await Promise.all(photoModels.map((model) => open(folder, model)));
  const scores = photoModels.map(() => ({ ours: emptyScore(), recorded: emptyScore() }));
  for (let at = 0; at < photos.length; at += 50) {
    const some = photos.slice(at, at + 50);
    const labels = some.map(({ label }) => label);
    const ours = await Promise.all(some.map(({ jpeg }) => decodeImage(jpeg, { dctMethod: 'accurate' })));
    const recorded = await Promise.all(some.map(recordedCentre));
    const unequal = [...some.keys()].filter((index) => !sameCentre(ours[index]!, recorded[index]!));
    for (const [which, model] of photoModels.entries()) {
      const score = await scoreImages(sessions[which]!, model, ours, labels);
      const otherwise = await scoreImages(
        sessions[which]!,
        model,
        unequal.map((index) => recorded[index]!),
        unequal.map((index) => labels[index]!),
      );
      for (const measure of ['top1', 'top5'] as const) {
        scores[which]!.ours[measure].push(...score[measure]);
        const then = [...score[measure]];
        for (const [position, index] of unequal.entries()) then[index] = otherwise[measure][position]!;
        scores[which]!.recorded[measure].push(...then);
      }
    }
  }
  await Promise.all(sessions.map((session) => session.close()));
  return photoModels.flatMap(({ path }, which) =>
    (['top1', 'top5'] as const).map((measure): ZooRow => {
      const { ours, recorded } = scores[which]!;
      const share = golden.imagenet_1k_samples_and_catdog[`models/${path}`]![`imagenet_${measure}`];
      return {
        model: path,
        measure: measure === 'top1' ? 'top-1' : 'top-5',
        images: count,
        correct: right(ours[measure]),
        recorded: right(recorded[measure]),
        golden: count === 1000 ? Math.round(share * 1000) : undefined,
        tolerance: 2,
        differing: changedSides(photos, ours[measure], recorded[measure]),
      };
    }),
  );
}

const centre: PreprocessSpec<'uint8'> = {
  color: 'rgb',
  crop: { width: 224, height: 224 },
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  layout: 'NHWC',
  dtype: 'uint8',
};

function sameCentre(ours: Image, recorded: Image): boolean {
  return Buffer.compare(preprocess(ours, centre).data, recorded.data as Uint8Array) === 0;
}

function emptyScore(): Score {
  return { top1: [], top5: [] };
}

function right(answers: readonly boolean[]): number {
  return answers.filter(Boolean).length;
}

function changedSides(photos: readonly Photo[], ours: readonly boolean[], recorded: readonly boolean[]): string[] {
  return photos.flatMap(({ name }, at) => (ours[at] === recorded[at] ? [] : [`${ours[at] ? '+' : '-'}${name}`]));
}
