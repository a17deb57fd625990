import { type BatchSource, PerceptError, type PreprocessSpec, throwIfAborted } from '@percept/core';
import { type Model, readMetadata, readModel } from '@percept/onnx';
import {
  crossEntropy,
  type Freezing,
  Trainer,
  type TrainingCallback,
  type TrainingControl,
  type TrainResult,
} from '@percept/train';
import { checkDistillOptions, type DistillOptions, type StudentTraining } from './distill-options.js';
import { distilledData } from './distilled-data.js';
import { distilledLoss } from './distilled-loss.js';
import { settlePairs, shapesOf } from './feature-pairs.js';
import { RunningTeacher } from './running-teacher.js';
import { type StudentGraph, studentScores, withFeatures } from './student-graph.js';
import { hardWidth } from './target-layout.js';
import { pairedBatches } from './teacher-data.js';
import { settleTeacher, teacherGraph, teacherShapes } from './teacher-model.js';

/**
 * Trains a student to say what a teacher says: alpha T² KL(teacher / T ‖ student / T) + (1 - alpha) the loss with the
 * labels (Hinton, Vinyals & Dean 2015, arXiv:1503.02531), and, where they are asked for, losses of inner values: hints
 * (FitNets, arXiv:1412.6550), attention (arXiv:1612.03928), relations (RKD, arXiv:1904.05068). The teacher's maps are
 * resized to the student's. `@percept/train` trains it: checkpoints, exact resuming, best models and callbacks work as
 * there, and losses in the history are the whole ones.
 *
 * The model of the result is the student with trained weights: its own input and output, nothing added. The given models
 * are not changed. With inner values, the models that `best` keeps in a storage of checkpoints, under `<key>.best/`, have
 * the compared values in their output; what the result and callbacks are handed has not.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL` for a student of another form; `OPTIMIZE_TEACHER_UNSUITABLE`,
 *   `OPTIMIZE_TEACHER_CLASSES`, `OPTIMIZE_TEACHER_NOT_FINITE` (with the batch), `OPTIMIZE_TEACHER_DATA_MISMATCH`,
 *   `OPTIMIZE_TEACHER_CACHE_INVALID`, `OPTIMIZE_DISTILLATION_DATA_INVALID`, `OPTIMIZE_NO_DATA`; `INVALID_ARGUMENT`;
 *   `ABORTED`; what `Trainer`, the runtime, the data and the storages throw
 */
export async function distill(options: DistillOptions): Promise<TrainResult> {
  const checked = checkDistillOptions(options);
  const { student, data, validation, runtime, training, teacherData, teacherValidation, signal, onProgress } = checked;
  const {
    temperature = 4,
    alpha = 0.9,
    hardLoss = crossEntropy(),
    cache,
    resize,
    teacherSize,
    teacherSession = {},
  } = checked;
  throwIfAborted(signal);
  const teacher = checked.teacher instanceof Uint8Array ? readModel(checked.teacher) : checked.teacher;
  const { batch, images } = await firstBatch(data, teacherData, signal);
  const dims = batch.inputs.dims;
  const scores = studentScores(student, dims);
  checkClasses(scores.classes, data, validation);

  const settled = settleTeacher(teacher, {
    dims: images.dims,
    own: teacherData !== undefined,
    resize: resize !== undefined,
    size: teacherSize && [teacherSize.height, teacherSize.width],
    student: training.metadata?.preprocess ?? (readMetadata(student).preprocess as PreprocessSpec | undefined),
  });
  const wanted = settlePairs(checked);
  const own = wanted.map((pair) => pair.student);
  const studentDims = shapesOf(student, { input: scores.input, inputDims: dims, values: own, owner: 'the student' });
  const teacherDims = teacherShapes(
    settled,
    wanted.map((pair) => pair.teacher),
  );
  const pairs = wanted.map((pair, at) => ({ ...pair, studentDims: studentDims[at]!, teacherDims: teacherDims[at]! }));
  const extended = withFeatures(student, scores, pairs, training.seed ?? 0);
  const graph = await teacherGraph(settled, images.dims, pairs);
  const layout = { classes: scores.classes, hard: hardWidth(hardLoss, scores.classes), widths: graph.widths };
  const loss = distilledLoss({
    layout,
    temperature,
    soft: alpha,
    hard: 1 - alpha,
    hardLoss,
    features: wanted.map((pair, at) => ({ pair, width: extended.widths[at]! })),
  });

  const running = await RunningTeacher.load(graph, {
    runtime,
    session: teacherSession,
    classes: scores.classes,
    signal,
  });
  try {
    const shared = { digest: graph.digest, layout, loss: hardLoss, signal, onProgress };
    const learned = { teacher: running, data, own: teacherData, role: 'training' };
    const judged = validation && { teacher: running, data: validation, own: teacherValidation, role: 'validation' };
    const train = await distilledData({ ...shared, pass: learned, cache });
    // Every validation sees the same images.
    const kept = { ...cache, per: 'view', views: 1 } as const;
    const test = judged && (await distilledData({ ...shared, pass: judged, cache: kept }));
    const trainer = new Trainer({
      ...studentTraining(training, extended, data),
      model: extended.model,
      loss,
      data: train.source,
      ...(test && { validation: test.source }),
    });
    await train.prepare();
    await test?.prepare();
    const result = await trainer.fit({
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const { best } = result;
    return {
      ...result,
      model: extended.clean(result.model),
      ...(best && { best: { ...best, model: extended.clean(best.model) } }),
    };
  } finally {
    await running.close();
  }
}

/** The first batch, which tells the sizes. */
async function firstBatch(data: BatchSource, own: BatchSource | undefined, signal: AbortSignal | undefined) {
  for await (const pair of pairedBatches(data, own, { epoch: 0, signal })) return pair;
  throw new PerceptError(
    'OPTIMIZE_NO_DATA',
    'Expected at least one batch to distill with but received none. Add samples, or lower the batch size',
  );
}

function checkClasses(classes: number, data: BatchSource, validation: BatchSource | undefined): void {
  for (const [name, { classes: names }] of Object.entries({ data, ...(validation && { validation }) })) {
    const same = name === 'data' || names.join('\n') === data.classes.join('\n');
    if (same && (names.length === 0 || names.length === classes)) continue;
    throw new PerceptError(
      'OPTIMIZE_DISTILLATION_DATA_INVALID',
      same
        ? `Expected a student of the ${names.length} classes of the data but it gives ${classes}. Build it for them, or give it another head with replaceHead() of @percept/train`
        : `Expected the classes ${data.classes.join(', ')} in the validation data but received ${names.join(', ')}`,
    );
  }
}

/** Options of the trainer, with what they say of the student brought to its extended graph. */
function studentTraining(training: StudentTraining, student: StudentGraph, { classes }: BatchSource): StudentTraining {
  const { freeze, callbacks, metadata } = training;
  const frozen: Freezing | undefined = freeze && { ...freeze, trained: [...freeze.trained, ...student.regressors] };
  return {
    ...training,
    metadata: { ...(classes.length === 0 ? {} : { labels: [...classes] }), ...metadata },
    ...(frozen && { freeze: frozen }),
    ...(callbacks && { callbacks: callbacks.map((callback) => ofCleanModels(callback, student.clean)) }),
  };
}

/** A callback that is handed the student itself. */
function ofCleanModels(callback: TrainingCallback, clean: (model: Model) => Model): TrainingCallback {
  const cleaned = (control: TrainingControl): TrainingControl => ({
    model: async () => clean(await control.model()),
    stop: (reason) => control.stop(reason),
  });
  const { onStart, onStep, onEpochEnd, onEnd } = callback;
  return {
    ...(onStart && { onStart: (position, control) => callback.onStart!(position, cleaned(control)) }),
    ...(onStep && { onStep: (step, control) => callback.onStep!(step, cleaned(control)) }),
    ...(onEpochEnd && { onEpochEnd: (record, control) => callback.onEpochEnd!(record, cleaned(control)) }),
    ...(onEnd && { onEnd: (history) => callback.onEnd!(history) }),
  };
}
