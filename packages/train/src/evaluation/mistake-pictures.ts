import { parseOptions, type Sample } from '@percept/core';
import * as z from 'zod';
import type {
  ClassificationMistake,
  DetectionMistake,
  Evaluation,
  Mistake,
  MultilabelMistake,
  RegressionMistake,
  RetrievalMistake,
  SegmentationMistake,
} from './evaluation.js';

type Given = Uint8Array | Pick<Sample, 'image'> | undefined;

/**
 * Gives the picture of a mistake: the bytes of a file, or a sample that has them; `undefined`: there is none. With data in
 * order it is `({ index }) => source.read(index)`.
 */
export type PictureOf = (mistake: Mistake) => Given | Promise<Given>;

/** A picture with what stands below it, for `contactSheet` and thumbnails of `@percept/report`. */
export interface MistakePicture {
  bytes: Uint8Array;
  caption: string;
}

/** Options of {@link mistakePictures}. */
export interface MistakePicturesOptions {
  picture: PictureOf;
}

export const pictureSchema = z.custom<PictureOf>((value) => typeof value === 'function', 'a function');
const schema = z.strictObject({ picture: pictureSchema });

/**
 * The worst mistakes of an evaluation with their pictures and what went wrong, the worst first, for `contactSheet` of
 * `@percept/report`. Mistakes without a picture are left out.
 *
 * ```ts
 * const pictures = await mistakePictures(report, { picture: ({ index }) => source.read(index) });
 * await writeFile('mistakes.png', await contactSheet({ title: 'Worst mistakes', pictures }).toPng());
 * ```
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, and what `picture` throws
 */
export async function mistakePictures(
  report: Pick<Evaluation, 'mistakes'>,
  options: MistakePicturesOptions,
): Promise<MistakePicture[]> {
  const { picture } = parseOptions(schema, options, 'mistakePictures() options');
  return picturesOf(report.mistakes, picture);
}

/** Reads pictures one by one: there are few of them, and they may be big. */
export async function picturesOf(mistakes: readonly Mistake[], picture: PictureOf): Promise<MistakePicture[]> {
  const found: MistakePicture[] = [];
  for (const mistake of mistakes) {
    const given = await picture(mistake);
    if (given === undefined) continue;
    const bytes = given instanceof Uint8Array ? given : given.image;
    found.push({ bytes, caption: mistakeCaption(mistake) });
  }
  return found;
}

/** What went wrong, in a line or two: `cat → dog`, then how sure the model was. */
export function mistakeCaption(mistake: Mistake): string {
  if ('averagePrecision' in mistake) {
    const { label, nearest } = mistake as RetrievalMistake;
    return nearest === undefined
      ? label
      : `${label} → ${nearest.label}\n${nearest.key}, ${inShort(nearest.distance)} away`;
  }
  if ('missed' in mistake) {
    const { missed, wrong } = mistake as DetectionMistake;
    return [...counted(missed, '−'), ...counted(wrong, '+')].join(', ');
  }
  if ('actual' in mistake) {
    const { actual, predicted } = mistake as RegressionMistake;
    return `${actual.map(inShort).join(', ')} → ${predicted.map(inShort).join(', ')}`;
  }
  if ('label' in mistake) {
    const { label, predicted, confidence } = mistake as ClassificationMistake;
    return `${label} → ${predicted ?? 'undecided'}\n${percent(confidence)}`;
  }
  if ('labels' in mistake) {
    const { labels, predicted } = mistake as MultilabelMistake;
    const missed = labels.filter((label) => !predicted.includes(label)).map((label) => `− ${label}`);
    const made = predicted.filter((label) => !labels.includes(label)).map((label) => `+ ${label}`);
    return [...missed, ...made].join(', ');
  }
  return `${percent((mistake as SegmentationMistake).pixelAccuracy)} of pixels right`;
}

/** `+ cat`, or `+ cat × 3`. */
function counted(names: readonly string[], sign: string): string[] {
  return [...new Set(names)].map((name) => {
    const count = names.filter((other) => other === name).length;
    return `${sign} ${name}${count > 1 ? ` × ${count}` : ''}`;
  });
}

function inShort(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function percent(share: number | null): string {
  return share === null || Number.isNaN(share) ? 'scores that are not finite' : `${(share * 100).toFixed(1)}\u00a0%`;
}
