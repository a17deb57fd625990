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
  { spec, ties, batch }: ZooModel,
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
      const { higher, before, equal } = standing(
        scores.slice(index * classes, (index + 1) * classes),
        labels[at + index]!,
      );
      score.top1.push(higher + (ties === 'right' ? before : equal) === 0);
      score.top5.push(higher + before < 5);
    }
  }
  return score;
}

function numbersOf({ type, data }: Tensor): number[] {
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  return type === 'float16' ? values.map(float16ToFloat32) : values;
}

/**
 * How many classes have a higher score than the right one, how many the same, and how many of these come before it. Where
 * there is what is no number, all are higher.
 */
function standing(scores: readonly number[], label: number): { higher: number; equal: number; before: number } {
  if (!scores.every(Number.isFinite)) return { higher: scores.length, equal: 0, before: 0 };
  const own = scores[label]!;
  return {
    higher: scores.filter((score) => score > own).length,
    equal: scores.filter((score) => score === own).length - 1,
    before: scores.slice(0, label).filter((score) => score === own).length,
  };
}
