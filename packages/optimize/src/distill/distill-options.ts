import { type BatchSource, type LongCallOptions, parseOptions } from '@percept/core';
import type { Model, Runtime, SessionOptions } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import type { Loss, TrainerOptions } from '@percept/train';
import * as z from 'zod';
import type { AttentionPair, HintPair, RelationPair } from './feature-pairs.js';
import type { TeacherCacheOptions } from './teacher-cache.js';

/** How the student is trained: options of `Trainer` but for what distillation itself decides. */
export type StudentTraining = Omit<TrainerOptions, 'model' | 'data' | 'validation' | 'loss' | 'features'>;

/** Options of {@link distill}. */
export interface DistillOptions extends LongCallOptions {
  /**
   * Any ONNX classifier, or the bytes of its file: one float32 or float16 input, its first output the scores (logits,
   * log-probabilities or probabilities) of the student's classes in the student's order.
   */
  readonly teacher: Model | Uint8Array;
  /**
   * The model to train, from its present weights on: of a builder, `fromOnnx`, a quantization-aware or a pruned one. One
   * float32 input, one output of logits `[N, classes]`.
   */
  readonly student: Model;
  /** Training batches, as the student sees them. */
  readonly data: BatchSource;
  /** Judged after the epochs by the same loss. Default: none. */
  readonly validation?: BatchSource;
  /** Runs the teacher. */
  readonly runtime: Runtime;
  /** How the student is trained. */
  readonly training: StudentTraining;
  /** What teacher's and student's logits are divided by, above 0: higher shows more of the teacher's doubts. Default 4. */
  readonly temperature?: number;
  /** Share of the teacher in the loss of the scores, 0..1; the rest is the hard loss. Default 0.9. */
  readonly alpha?: number;
  /** The loss with the labels. Default `crossEntropy()`, whose labels are class indices. */
  readonly hardLoss?: Loss;
  /** Inner values of the student that become like the teacher's. Default: none. */
  readonly hints?: readonly HintPair[];
  /** Feature maps whose attention is compared. Default: none. */
  readonly attention?: readonly AttentionPair[];
  /** Embeddings whose distances and angles are compared. Default: none. */
  readonly relations?: readonly RelationPair[];
  /**
   * The teacher's own images of the same samples: the same keys in the same order and batches, in a preprocessing and size
   * of its own. Default: it sees the student's batches, converted where both models carry `percept.preprocess` (the
   * student's may stand in `training.metadata`), else as they are.
   */
  readonly teacherData?: BatchSource;
  /** The teacher's own images of the validation data; needed beside `teacherData` where there is validation data. */
  readonly teacherValidation?: BatchSource;
  /** Resizes the student's images to the teacher's input. Default: another size is refused. */
  readonly resize?: 'bilinear';
  /** Size of the teacher's images. Default: what its input declares, else what its preprocessing ends with. */
  readonly teacherSize?: { readonly height: number; readonly width: number };
  /** Keeps the teacher's outputs. Default: it runs on every batch, as augmentation that differs in every epoch needs. */
  readonly cache?: TeacherCacheOptions;
  /** How the teacher's session runs. Default: as `runtime` does. */
  readonly teacherSession?: Pick<SessionOptions, 'threads' | 'executionProviders'>;
}

const withMethod = <Kind>(method: string, kind: string) =>
  z.custom<Kind>((value) => typeof (value as Record<string, unknown> | null)?.[method] === 'function', kind);
const model = z.custom<Model>((value) => (value as Model | null)?.graph?.nodes !== undefined, 'a Model');
const source = withMethod<BatchSource>('batches', 'a BatchSource');
const weight = z.number().min(0).optional();
const pair = { student: z.string(), teacher: z.string() };
const decided = ['model', 'data', 'validation', 'loss', 'features'];

const schema = z.strictObject({
  teacher: z.union([z.instanceof(Uint8Array), model], 'a Model or the bytes of its file'),
  student: model,
  data: source,
  validation: source.optional(),
  runtime: withMethod<Runtime>('createSession', 'a Runtime'),
  training: z.custom<StudentTraining>(
    (value) => typeof value === 'object' && value !== null && !decided.some((name) => name in value),
    `options of Trainer without ${decided.join(', ')}, which distill() takes beside it or decides itself`,
  ),
  temperature: z.number().gt(0).optional(),
  alpha: z.number().min(0).max(1).optional(),
  hardLoss: withMethod<Loss>('emit', 'a loss').optional(),
  hints: z.array(z.strictObject({ ...pair, weight, regressor: z.enum(['auto', 'always']).optional() })).optional(),
  attention: z.array(z.strictObject({ ...pair, weight })).optional(),
  relations: z.array(z.strictObject({ ...pair, distance: weight, angle: weight })).optional(),
  teacherData: source.optional(),
  teacherValidation: source.optional(),
  resize: z.literal('bilinear').optional(),
  teacherSize: z.strictObject({ height: z.int().min(1), width: z.int().min(1) }).optional(),
  cache: z
    .strictObject({
      per: z.enum(['view', 'image']).optional(),
      views: z.int().min(1).optional(),
      storage: withMethod<Storage>('write', 'a Storage').optional(),
      key: z.string().optional(),
      augmentation: z.string().optional(),
    })
    .refine(({ per, views }) => per !== 'image' || views === undefined, {
      path: ['views'],
      message: "no views beside per: 'image', which keeps one output for every key",
    })
    .optional(),
  teacherSession: z
    .strictObject({ threads: z.int().min(1).optional(), executionProviders: z.array(z.custom<string>()).optional() })
    .optional(),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/** Checks the options of `distill`. */
export function checkDistillOptions(options: DistillOptions): DistillOptions {
  parseOptions(
    schema.refine(
      ({ validation, teacherData, teacherValidation }) =>
        validation === undefined || (teacherData === undefined) === (teacherValidation === undefined),
      { path: ['teacherValidation'], message: 'teacherValidation beside teacherData where there is validation data' },
    ),
    options,
    'distill() options',
  );
  return options;
}
