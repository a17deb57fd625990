import { type IndexedSource, subset } from '@percept/data';
import { type Model, readMetadata, withMetadata, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { compareModels, foldBatchNorm, quantizeStatic } from '@percept/optimize';
import { inOrder, type Learned, loadModel } from './learn.js';
import { profileModel } from './profile.js';
import type { Screen } from './screen.js';
import type { Task } from './task.js';
import type { Workspace } from './workspace.js';

/** The two models that go into service, and what quantization cost and bought. */
export interface Shrunk {
  /** Key of the folded float model among the workspace's files. */
  readonly float: string;
  /** Key of the int8 model. */
  readonly int8: string;
  readonly floatBytes: number;
  readonly int8Bytes: number;
  readonly floatTop1: number;
  readonly int8Top1: number;
  /** The comparison as a plain-text table. */
  readonly table: string;
}

/** Images whose ranges calibrate the int8 model. */
const calibrationImages = 1000;

/** Folds BatchNorm, quantizes to int8, writes the reference profile into both files and compares them. */
export async function shrink(
  workspace: Workspace,
  task: Task,
  learned: Learned,
  sources: { train: IndexedSource; heldOut: IndexedSource; profile: IndexedSource },
  screen: Screen,
): Promise<Shrunk> {
  const runtime = onnxruntimeNode();
  const { model: folded } = foldBatchNorm(await loadModel(workspace, learned.model));
  const calibration = subset(
    sources.train,
    Array.from({ length: Math.min(calibrationImages, sources.train.length) }, (_, index) => index),
  );
  const { model: quantized } = await screen.withProgress((long) =>
    quantizeStatic(folded, { calibration: inOrder(calibration, task.preprocess), runtime, ...long }),
  );
  const profile = await screen.withProgress((long) => profileModel(quantized, sources.profile, long));
  const finish = (model: Model) => {
    const lineage = { ...readMetadata(model).lineage, parentModel: learned.digest };
    return writeModel(withMetadata(model, { lineage, profile }));
  };
  const models = [
    { name: 'float', model: finish(folded) },
    { name: 'int8', model: finish(quantized) },
  ];
  const comparison = await screen.withProgress((long) =>
    compareModels(models, { data: inOrder(sources.heldOut, task.preprocess), runtime, ...long }),
  );
  const base = learned.model.replace(/\.onnx$/, '');
  const paths = { float: `${base}-folded.onnx`, int8: `${base}-int8.onnx` };
  await workspace.files.write(paths.float, models[0]!.model);
  await workspace.files.write(paths.int8, models[1]!.model);
  const [float, int8] = comparison.rows;
  return {
    ...paths,
    floatBytes: float!.bytes,
    int8Bytes: int8!.bytes,
    floatTop1: float!.accuracy,
    int8Top1: int8!.accuracy,
    table: comparison.table(),
  };
}
