// The student as the trainer sees it: what distillation compares is laid beside the scores into the model's one output,
// and taken away again.
import { elementCount, PerceptError } from '@percept/core';
import { cloneModel, givesProbabilities, type Model } from '@percept/onnx';
import { requiredInputs } from '../graph/graph-values.js';
import { AddedNodes, freshPrefix } from './added-nodes.js';
import { attentionRow, embeddingRow, regressed } from './feature-nodes.js';
import { type FeaturePair, type PairShapes, shapesOf } from './feature-pairs.js';

/** A student with what it is compared by. */
export interface StudentGraph {
  /** Its one output is `[N, classes + widths]`: the scores, then a row of every pair. */
  readonly model: Model;
  readonly classes: number;
  /** Numbers in a row of every pair. */
  readonly widths: readonly number[];
  /** Parameters of the regressors, which the given student does not have. */
  readonly regressors: readonly string[];
  /** The student itself with the weights of a trained {@link model}: its own output, no regressor. */
  readonly clean: (trained: Model) => Model;
}

/** The scores of a student: `[N, classes]` for images of a size. */
export interface StudentScores {
  readonly input: string;
  readonly output: string;
  readonly classes: number;
}

/**
 * Looks at what a student takes and gives.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL` for anything else than one float32 input and one output of logits
 *   `[N, classes]`
 */
export function studentScores(student: Model, inputDims: readonly number[]): StudentScores {
  const { graph } = student;
  const inputs = requiredInputs(graph);
  const [input] = inputs;
  const [output] = graph.outputs;
  if (inputs.length !== 1 || graph.outputs.length !== 1 || input?.type !== 'float32' || output === undefined) {
    throw unsupported(`one float32 input and one output but it has ${inputs.length} and ${graph.outputs.length}`);
  }
  const [dims] = shapesOf(student, { input: input.name, inputDims, values: [output.name], owner: 'the student' });
  if (dims!.length !== 2) throw unsupported(`scores [N, classes] but it gives [${dims!.join(', ')}]`);
  if (givesProbabilities(graph, output.name, ['Softmax', 'Sigmoid'])) {
    throw unsupported(
      `logits but ${output.name} are probabilities. Take the last activation off with fromOnnx() of @percept/train; exportInference() puts it back`,
    );
  }
  return { input: input.name, output: output.name, classes: dims![1]! };
}

/**
 * Lays the rows of all pairs beside the scores.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for pairs whose shapes cannot be compared
 */
export function withFeatures(
  student: Model,
  { output, classes }: StudentScores,
  pairs: readonly (FeaturePair & PairShapes)[],
  seed: number,
): StudentGraph {
  if (pairs.length === 0) {
    return { model: student, classes, widths: [], regressors: [], clean: (trained) => trained };
  }
  const model = cloneModel(student);
  const { graph } = model;
  const prefix = freshPrefix(graph, 'distillation');
  const added = new AddedNodes(prefix, model.opsets[''] ?? 1);
  const regressors: string[] = [];
  const rows = pairs.map((pair, index) => {
    const row = studentRow(added, pair, `${pair.kind}.${index}`, seed);
    regressors.push(...row.regressors);
    return row;
  });
  const axis = { axis: { type: 'int' as const, value: 1 } };
  const joined = added.node('Concat', [output, ...rows.map(({ value }) => value)], axis, `${prefix}output`);
  const width = rows.reduce((sum, row) => sum + row.width, classes);
  graph.nodes.push(...added.nodes);
  for (const [name, value] of added.constants) graph.initializers.set(name, value);
  const [scores] = graph.outputs;
  graph.outputs = [{ name: joined, type: 'float32', dims: [scores!.dims?.[0], width], docString: '' }];
  return {
    model,
    classes,
    widths: rows.map((row) => row.width),
    regressors,
    clean: (trained) => withoutFeatures(trained, student, prefix),
  };
}

function studentRow(
  added: AddedNodes,
  pair: FeaturePair & PairShapes,
  name: string,
  seed: number,
): { value: string; width: number; regressors: string[] } {
  const { studentDims: own, teacherDims: theirs, student: value } = pair;
  if (pair.kind === 'relation') {
    const width = own.length === 4 ? own[1]! : elementCount(own.slice(1));
    return { value: embeddingRow(added, value, own.length), width, regressors: [] };
  }
  if (pair.kind === 'attention') {
    if (own.length !== 4 || theirs.length !== 4) throw incomparable(pair, 'feature maps [N, C, H, W] for attention');
    const size = [own[2]!, own[3]!] as const;
    return { value: attentionRow(added, value, size, size), width: size[0] * size[1], regressors: [] };
  }
  const [from, to] = [channels(own), channels(theirs)];
  if (own.length !== theirs.length || own.length < 2 || (own.length === 3 && own[1] !== theirs[1]) || own.length > 4) {
    throw incomparable(pair, 'two feature maps, two rows of as many tokens or two vectors for a hint');
  }
  const positions = elementCount(own.slice(1)) / from;
  if (from === to && pair.regressor === 'auto') {
    return { value: added.flatten(value), width: from * positions, regressors: [] };
  }
  const mapped = regressed(added, value, { rank: own.length, from, to, name, seed });
  return { value: added.flatten(mapped.value), width: to * positions, regressors: mapped.parameters };
}

function channels(dims: readonly number[]): number {
  return dims[dims.length === 4 ? 1 : dims.length - 1]!;
}

function withoutFeatures(trained: Model, student: Model, prefix: string): Model {
  const clean = cloneModel(trained);
  const { graph } = clean;
  graph.nodes = graph.nodes.filter(({ outputs }) => !outputs.some((name) => name.startsWith(prefix)));
  for (const name of [...graph.initializers.keys()]) if (name.startsWith(prefix)) graph.initializers.delete(name);
  graph.outputs = cloneModel(student).graph.outputs;
  return clean;
}

function incomparable({ student, teacher }: FeaturePair, expected: string): PerceptError {
  return new PerceptError('INVALID_ARGUMENT', `Expected ${expected} but received ${student} and ${teacher}`);
}

function unsupported(expected: string): PerceptError {
  return new PerceptError('OPTIMIZE_UNSUPPORTED_MODEL', `Expected a student with ${expected}`);
}
