import { float16ToFloat32, type Image, type PreprocessSpec, type Tensor } from '@percept/core';
import { preprocessBatch } from '@percept/image';
import type { Session } from '@percept/onnx';
import type { ZooModel } from './zoo-models.js';

/** What there is to get right in an image: tells for each measure whether the scores of all classes are right. */
export type Judge<Measure extends string> = (scores: readonly number[], label: number) => Record<Measure, boolean>;

/** Runs images through a model; `labels` are what the judge compares with. */
export async function scoreImages<Measure extends string>(
  session: Session,
  { spec, batch }: ZooModel,
  images: readonly Image[],
  labels: readonly number[],
  judge: Judge<Measure>,
): Promise<Record<Measure, boolean>[]> {
  const verdicts: Record<Measure, boolean>[] = [];
  const [input, output] = [session.inputs[0]!.name, session.outputs[0]!.name];
  for (let at = 0; at < images.length; at += batch) {
    const some = images.slice(at, at + batch);
    const feed = preprocessBatch(some, spec as PreprocessSpec);
    const results = await session.run({ [input]: feed }, { transfer: true });
    const scores = numbersOf(results[output]!);
    const classes = scores.length / some.length;
    for (let index = 0; index < some.length; index++) {
      verdicts.push(judge(scores.slice(index * classes, (index + 1) * classes), labels[at + index]!));
    }
  }
  return verdicts;
}

/** The right class has the highest score, or one of the five highest. */
export function classJudge({ ties }: ZooModel): Judge<'top-1' | 'top-5'> {
  return (scores, label) => {
    const { higher, before, equal } = standing(scores, label);
    return { 'top-1': higher + (ties === 'right' ? before : equal) === 0, 'top-5': higher + before < 5 };
  };
}

/** ImageNet's classes of domestic cats and of dogs: the highest score of either tells which it is. Labels are 0 and 1. */
export const catDogJudge: Judge<'cat or dog'> = (scores, label) => {
  const [cat, dog] = [Math.max(...scores.slice(281, 286)), Math.max(...scores.slice(151, 269))];
  return { 'cat or dog': label === 0 ? cat > dog : dog > cat };
};

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
