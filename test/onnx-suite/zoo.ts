// The models of PERCEPT_DATA, through @percept/image and @percept/onnx on onnxruntime-node: do they get right what they got
// right when golden.json was recorded? CIFAR-10 comes from a PNG, so every count is exact. Photos come from JPEG, which
// decoders read differently by a level, and a crop whose place is half a pixel may be rounded either way: two photos of a
// thousand may change sides. What the record got right is computed again, photo by photo, so that those that do are named.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image, PreprocessSpec } from '@percept/core';
import { decodeImage, preprocess } from '@percept/image';
import type { Session } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { catDogPhotos, cifarImages, cifarPhotos, imagenetPhotos, type Photo, recordedImage } from './zoo-images.js';
import { cifarModels, jpegCifarModels, photoModels, type ZooModel } from './zoo-models.js';
import { catDogJudge, classJudge, type Judge, scoreImages } from './zoo-score.js';

/** What a model got right. */
export interface ZooRow {
  readonly model: string;
  readonly measure: string;
  readonly images: number;
  readonly correct: number;
  /** What it got right in the way that golden.json was recorded, as far as that can be done again here. */
  readonly recorded: number | undefined;
  /** What golden.json says. */
  readonly golden: number;
  /** How far from it the count may be. */
  readonly tolerance: number;
  /** Photos that change sides: `+` right with ours alone, `-` right in the record alone. */
  readonly differing: readonly string[];
}

/** Whether a row is as it should be. */
export function isAsRecorded({ correct, golden, tolerance }: ZooRow): boolean {
  return Math.abs(correct - golden) <= tolerance;
}

interface Golden {
  readonly 'cifar10_test_batch.png': Readonly<Record<string, number>>;
  readonly 'cifar10-test-jpeg (torch, same weights)': Readonly<Record<'resnet20' | 'resnet56', number>>;
  readonly imagenet_1k_samples_and_catdog: Readonly<
    Record<string, Readonly<Record<'imagenet_top1' | 'imagenet_top5' | 'catdog_test_zero_shot_acc', number>>>
  >;
}

/** Tries all models of the folder. */
export async function scoreZoo(folder: string): Promise<ZooRow[]> {
  const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;
  const ofPhotos = golden.imagenet_1k_samples_and_catdog;
  const ofJpegs = golden['cifar10-test-jpeg (torch, same weights)'];
  return [
    ...(await scoreCifar(folder, golden['cifar10_test_batch.png'])),
    ...(await scorePhotos(folder, await cifarPhotos(folder), {
      models: jpegCifarModels,
      judge: classJudge,
      side: 32,
      golden: ({ path }) => ({ 'top-1': ofJpegs[path.includes('resnet20') ? 'resnet20' : 'resnet56'] }),
    })),
    ...(await scorePhotos(folder, await imagenetPhotos(folder), {
      models: photoModels,
      judge: classJudge,
      side: 224,
      golden: ({ path }) => {
        const { imagenet_top1, imagenet_top5 } = ofPhotos[`models/${path}`]!;
        return { 'top-1': imagenet_top1, 'top-5': imagenet_top5 };
      },
    })),
    ...(await scorePhotos(folder, await catDogPhotos(folder), {
      models: photoModels,
      judge: () => catDogJudge,
      side: 224,
      golden: ({ path }) => ({ 'cat or dog': ofPhotos[`models/${path}`]!.catdog_test_zero_shot_acc }),
    })),
  ];
}

function open(folder: string, { path }: ZooModel): Promise<Session> {
  // Without it, processors that lack VNNI compute 8-bit convolutions in 16 bits that overflow: MobileNetV2 falls from 85 to 80 %.
  const configEntries = { 'session.x64quantprecision': '1' };
  return onnxruntimeNode().createSession(readFileSync(join(folder, 'models', path)), { configEntries });
}

async function scoreCifar(folder: string, golden: Golden['cifar10_test_batch.png']): Promise<ZooRow[]> {
  const { images, labels } = await cifarImages(folder);
  const rows: ZooRow[] = [];
  for (const model of cifarModels) {
    const session = await open(folder, model);
    const verdicts = await scoreImages(session, model, images, labels, classJudge(model));
    await session.close();
    rows.push({
      model: model.path,
      measure: 'top-1',
      images: images.length,
      correct: right(verdicts.map((verdict) => verdict['top-1'])),
      recorded: undefined,
      golden: Math.round(golden[`models/${model.path}`]! * images.length),
      tolerance: 0,
      differing: [],
    });
  }
  return rows;
}

interface PhotoTrial<Measure extends string> {
  readonly models: readonly ZooModel[];
  readonly judge: (model: ZooModel) => Judge<Measure>;
  /** Pixels of the square that the models see. */
  readonly side: number;
  /** The shares of right answers on record. */
  readonly golden: (model: ZooModel) => Partial<Record<Measure, number>>;
}

async function scorePhotos<Measure extends string>(
  folder: string,
  photos: readonly Photo[],
  { models, judge, side, golden }: PhotoTrial<Measure>,
): Promise<ZooRow[]> {
  const sessions = await Promise.all(models.map((model) => open(folder, model)));
  const ours = models.map((): Record<Measure, boolean>[] => []);
  const record = models.map((): Record<Measure, boolean>[] => []);
  for (let at = 0; at < photos.length; at += 50) {
    const some = photos.slice(at, at + 50);
    const labels = some.map(({ label }) => label);
    const decoded = await Promise.all(some.map(({ jpeg }) => decodeImage(jpeg, { dctMethod: 'accurate' })));
    const recorded = await Promise.all(some.map((each) => recordedImage(each, side)));
    const unequal = [...some.keys()].filter((index) => !sameCentre(decoded[index]!, recorded[index]!, side));
    for (const [which, model] of models.entries()) {
      const verdicts = await scoreImages(sessions[which]!, model, decoded, labels, judge(model));
      const otherwise = await scoreImages(
        sessions[which]!,
        model,
        unequal.map((index) => recorded[index]!),
        unequal.map((index) => labels[index]!),
        judge(model),
      );
      const then = [...verdicts];
      for (const [position, index] of unequal.entries()) then[index] = otherwise[position]!;
      ours[which]!.push(...verdicts);
      record[which]!.push(...then);
    }
  }
  await Promise.all(sessions.map((session) => session.close()));
  return models.flatMap((model, which) =>
    Object.entries<number | undefined>(golden(model)).map(([name, share]): ZooRow => {
      const now = ours[which]!.map((verdict) => verdict[name as Measure]);
      const then = record[which]!.map((verdict) => verdict[name as Measure]);
      return {
        model: model.path,
        measure: name,
        images: photos.length,
        correct: right(now),
        recorded: right(then),
        golden: Math.round(share! * photos.length),
        tolerance: (2 * photos.length) / 1000,
        differing: changedSides(photos, now, then),
      };
    }),
  );
}

function sameCentre(ours: Image, recorded: Image, side: number): boolean {
  const centre: PreprocessSpec<'uint8'> = {
    color: 'rgb',
    crop: { width: side, height: side },
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    layout: 'NHWC',
    dtype: 'uint8',
  };
  return Buffer.compare(preprocess(ours, centre).data, recorded.data as Uint8Array) === 0;
}

function right(answers: readonly boolean[]): number {
  return answers.filter(Boolean).length;
}

function changedSides(photos: readonly Photo[], ours: readonly boolean[], recorded: readonly boolean[]): string[] {
  return photos.flatMap(({ name }, at) => (ours[at] === recorded[at] ? [] : [`${ours[at] ? '+' : '-'}${name}`]));
}
