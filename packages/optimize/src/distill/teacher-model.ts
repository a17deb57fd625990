// The teacher as it is run: conversion of the student's images before it, rows of the compared values behind it.
import { PerceptError, type PreprocessSpec } from '@percept/core';
import {
  cloneModel,
  givesProbabilities,
  type Model,
  modelDigest,
  readMetadata,
  type ValueInfo,
  writeModel,
} from '@percept/onnx';
import { inferTypes } from '@percept/onnx/graph';
import { requiredInputs } from '../graph/graph-values.js';
import { AddedNodes, freshPrefix } from './added-nodes.js';
import { attentionRow, embeddingRow, type MapSize, resizedMap } from './feature-nodes.js';
import { type FeaturePair, type PairShapes, shapesOf } from './feature-pairs.js';
import { emitConversion, type InputConversion, planConversion } from './input-conversion.js';

/** How the teacher meets the data. */
export interface TeacherSetting {
  /** Dims of the batches that it is handed, `[N, C, H, W]`. */
  readonly dims: readonly number[];
  /** Whether these are its own images, which need no conversion. */
  readonly own: boolean;
  /** Whether images of another size are resized. */
  readonly resize: boolean;
  /** Size of the teacher's images where neither its input nor its metadata says. */
  readonly size: MapSize | undefined;
  /** How the student's images were preprocessed, where that is known. */
  readonly student: PreprocessSpec | undefined;
}

/** A teacher that is ready to be fitted with pairs. */
export interface SettledTeacher {
  readonly model: Model;
  readonly input: ValueInfo;
  readonly conversion: InputConversion | undefined;
  /** Dims of what the teacher itself takes. */
  readonly inputDims: readonly number[];
  /** Images in a run, where the model has them fixed. */
  readonly batchSize: number | undefined;
}

/** A teacher as it is run. */
export interface TeacherGraph {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly input: string;
  /** Names of the outputs: the scores, then a row of every pair, `[N, width]` float32. */
  readonly outputs: readonly string[];
  /** Numbers in a row of every pair. */
  readonly widths: readonly number[];
  /** Whether the scores are probabilities. */
  readonly probabilities: boolean;
  readonly batchSize: number | undefined;
}

/**
 * Finds out how the teacher is to see the images.
 *
 * @throws PerceptError `OPTIMIZE_TEACHER_UNSUITABLE` for another number or type of inputs than one of float32 or float16,
 *   for images of another size without `resize`, for colours that cannot be converted, for sigmoid outputs
 */
export function settleTeacher(model: Model, { dims, own, resize, size, student }: TeacherSetting): SettledTeacher {
  const inputs = requiredInputs(model.graph);
  const [input] = inputs;
  const [output] = model.graph.outputs;
  if (inputs.length !== 1 || output === undefined || (input?.type !== 'float32' && input?.type !== 'float16')) {
    const received = inputs.map(({ name, type }) => `${name} (${type ?? 'no tensor'})`).join(', ') || 'none';
    throw unsuitable(`with one float32 or float16 input but its inputs are ${received}`);
  }
  if (output.name !== 'probabilities' && givesProbabilities(model.graph, output.name, ['Sigmoid'])) {
    throw unsuitable(`that gives one class an image but ${output.name} are sigmoids, which say yes to several`);
  }
  const [declaredBatch] = input.dims ?? [];
  const batchSize = typeof declaredBatch === 'number' && declaredBatch > 0 ? declaredBatch : undefined;
  if (own || dims.length !== 4) {
    return { model, input, conversion: undefined, inputDims: [batchSize ?? dims[0]!, ...dims.slice(1)], batchSize };
  }
  const teacher = readMetadata(model).preprocess as PreprocessSpec | undefined;
  const channelsLast = teacher?.layout === 'NHWC';
  const wanted = size ?? declaredSize(input, channelsLast) ?? preprocessedSize(teacher) ?? [dims[2]!, dims[3]!];
  if (!resize && (wanted[0] !== dims[2] || wanted[1] !== dims[3])) {
    throw unsuitable(
      `that takes the student's images of ${dims[2]}×${dims[3]} but it takes ${wanted.join('×')}. Give resize: 'bilinear', or its own images as teacherData`,
    );
  }
  const conversion = planConversion({ dims, size: wanted, student, teacher });
  const channels = conversion.channels?.length ?? dims[1]!;
  const batch = batchSize ?? dims[0]!;
  const inputDims = channelsLast ? [batch, ...wanted, channels] : [batch, channels, ...wanted];
  const declared = input.dims?.[channelsLast ? 3 : 1];
  if (typeof declared === 'number' && declared !== channels) {
    throw unsuitable(
      `that takes images of ${channels} channels but it takes ${declared}. Write percept.preprocess into both models, so that colours can be converted, or give its own images as teacherData`,
    );
  }
  return { model, input, conversion, inputDims, batchSize };
}

/** The shapes of inner values of a teacher, the batch first. */
export function teacherShapes({ model, input, inputDims }: SettledTeacher, values: string[]): number[][] {
  return shapesOf(model, { input: input.name, inputDims, values, owner: 'the teacher' });
}

/**
 * Puts the conversion before a teacher and rows of the compared values behind it. Maps are resized to those of the
 * student, so that no gradient has to flow through a resize.
 *
 * @throws PerceptError `OPTIMIZE_TEACHER_UNSUITABLE` for compared values that hold no fractions
 */
export async function teacherGraph(
  { model: given, input, conversion, inputDims, batchSize }: SettledTeacher,
  dims: readonly number[],
  pairs: readonly (FeaturePair & PairShapes)[],
): Promise<TeacherGraph> {
  const model = cloneModel(given);
  const { graph } = model;
  const opset = model.opsets[''] ?? 1;
  const prefix = freshPrefix(graph, 'distillation');
  const before = new AddedNodes(`${prefix}before.`, opset);
  const behind = new AddedNodes(`${prefix}behind.`, opset);
  const { values: types } = inferTypes(given, { inputDims: { [input.name]: [...inputDims] } });
  const images = `${prefix}images`;
  let taken = images;
  if (conversion !== undefined) taken = emitConversion(before, images, dims, conversion);
  before.node('Cast', [taken], { to: { type: 'int', value: input.type === 'float16' ? 10 : 1 } }, input.name);

  const asFloat = (name: string): string => {
    const type = types.get(name);
    const element = type?.kind === 'tensor' ? type.elementType : 'float32';
    if (element !== 'float32' && element !== 'float16') {
      throw unsuitable(`whose compared values are float32 or float16 but ${name} is ${String(element)}`);
    }
    return element === 'float32' ? name : behind.node('Cast', [name], { to: { type: 'int', value: 1 } });
  };
  const [scores] = graph.outputs;
  const rows = pairs.map((pair) => teacherRow(behind, { ...pair, teacher: asFloat(pair.teacher) }));
  const outputs = [asFloat(scores!.name), ...rows.map(({ value }) => value)].map((value, index) =>
    behind.node('Identity', [value], {}, `${prefix}output.${index}`),
  );
  graph.nodes = [...before.nodes, ...graph.nodes, ...behind.nodes];
  for (const [name, value] of [...before.constants, ...behind.constants]) graph.initializers.set(name, value);
  const handed = [batchSize ?? 'N', ...dims.slice(1)];
  graph.inputs = graph.inputs.map((info) =>
    info.name === input.name ? { name: images, type: 'float32', dims: handed, docString: '' } : info,
  );
  graph.outputs = outputs.map((name) => ({ name, type: 'float32', dims: undefined, docString: '' }));
  // Before IR version 4 every constant had to be an input.
  const bytes = writeModel({ ...model, irVersion: Math.max(model.irVersion, 4), metadata: {} });
  return {
    bytes,
    digest: await modelDigest(bytes),
    input: images,
    outputs,
    widths: rows.map(({ width }) => width),
    probabilities: givesProbabilities(given.graph, scores!.name, ['Softmax']),
    batchSize,
  };
}

function teacherRow(added: AddedNodes, pair: FeaturePair & PairShapes): { value: string; width: number } {
  const { studentDims: own, teacherDims: theirs, teacher: value } = pair;
  const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);
  if (pair.kind === 'relation') {
    const width = theirs.length === 4 ? theirs[1]! : product(theirs.slice(1));
    return { value: embeddingRow(added, value, theirs.length), width };
  }
  const from = [theirs[2]!, theirs[3]!] as const;
  const to = [own[2]!, own[3]!] as const;
  if (pair.kind === 'attention') return { value: attentionRow(added, value, from, to), width: product(to) };
  if (theirs.length !== 4) return { value: added.flatten(value), width: product(theirs.slice(1)) };
  return { value: added.flatten(resizedMap(added, value, from, to)), width: theirs[1]! * product(to) };
}

function declaredSize({ dims }: ValueInfo, channelsLast: boolean): MapSize | undefined {
  const [height, width] = dims?.slice(channelsLast ? 1 : 2) ?? [];
  return typeof height === 'number' && typeof width === 'number' ? [height, width] : undefined;
}

/** The size that a preprocessing ends with, where it is fixed. */
function preprocessedSize(spec: PreprocessSpec | undefined): MapSize | undefined {
  if (spec?.crop !== undefined) return [spec.crop.height, spec.crop.width];
  const { resize } = spec ?? {};
  return resize === undefined || resize.mode === 'shorter-side' ? undefined : [resize.height, resize.width];
}

function unsuitable(expected: string): PerceptError {
  return new PerceptError('OPTIMIZE_TEACHER_UNSUITABLE', `Expected a teacher ${expected}`);
}
