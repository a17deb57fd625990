import { float16ToFloat32, type Image, type PreprocessSpec, type Tensor } from '@percept/core';
import { preprocessBatch } from '@percept/image';
import type { Session } from '@percept/onnx';
import type { ZooModel } from './zoo-models.js';

/** Which images a model got right: the class has the highest score, or one of the five highest. */
export interface Score {
  readonly top1: boolean[];
  readonly top5: boolean[];
}

/** Runs images through a model; `labels` are their classes. */
export async function scoreImages(
  session: Session,
  { spec, batch }: ZooModel,
  images: readonly Image[],
  labels: readonly number[],
): Promise<Score> {
  const score: Score = { top1: [], top5: [] };
  const [input, output] = [session.inputs[0]!.name, session.outputs[0]!.name];
  for (let at = 0; at < images.length; at += batch) {
    const some = images.slice(at, at + batch);
    const feed = preprocessBatch(some, spec as PreprocessSpec);
    const results = await session.run({ [input]: feed }, { transfer: true });
    const scores = numbersOf(results[output]!);
    const classes = scores.length / some.length;
    for (let index = 0; index < some.length; index++) {
      const rank = rankOf(scores.slice(index * classes, (index + 1) * classes), labels[at + index]!);
      score.top1.push(rank < 1);
      score.top5.push(rank < 5);
    }
  }
  return score;
}

function numbersOf({ type, data }: Tensor): number[] {
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  return type === 'float16' ? values.map(float16ToFloat32) : values;
}

/**
 * How many classes are before the right one: those with a higher score, and with the same one if they come first, as
 * argmax and a stable sort have it. The scores of 8-bit models are often equal. Where there is what is no number, all are.
 */
function rankOf(scores: readonly number[], label: number): number {
  if (!scores.every(Number.isFinite)) return Number.POSITIVE_INFINITY;
  const own = scores[label]!;
  return scores.filter((score, index) => score > own || (score === own && index < label)).length;
}
