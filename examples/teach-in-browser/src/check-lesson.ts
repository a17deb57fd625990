import type { LessonClass } from './lesson.js';

/** What stands in the way of teaching these classes, in words; `undefined` when nothing does. */
export function whyNotTeachable(classes: readonly LessonClass[]): string | undefined {
  const empty = classes.find(({ pictures }) => pictures.length === 0);
  if (empty !== undefined) {
    const every = classes.every(({ pictures }) => pictures.length === 0);
    if (every) return 'There are no pictures yet. Collect some for every class, then teach.';
    const orRemove = classes.length > 2 ? ', or remove the class' : '';
    return `“${empty.name}” has no pictures yet. Collect some${orRemove}, then teach.`;
  }
  const twice = classes.find(({ name }, index) => classes.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) return `Two classes are called “${twice.name}”. Give one of them another name, then teach.`;
  return undefined;
}

/** What could be better about the pictures, in words; `undefined` when nothing stands out. */
export function adviceFor(classes: readonly LessonClass[]): string | undefined {
  const byCount = [...classes].sort((a, b) => a.pictures.length - b.pictures.length);
  const [least, most] = [byCount[0]!, byCount.at(-1)!];
  if (most.pictures.length > 3 * least.pictures.length) {
    return `“${least.name}” has far fewer pictures than “${most.name}”: the model will lean to what it saw more of.`;
  }
  return least.pictures.length < 10 ? 'More than ten pictures of each make it surer.' : undefined;
}
