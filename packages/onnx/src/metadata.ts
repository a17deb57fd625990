// How a model describes itself: JSON under `percept.*` keys of the ONNX metadata, each `{ "schema": 1, "value": … }`.
import { type Lineage, PerceptError, type PreprocessSpec, parseOptions, type ReferenceProfile } from '@percept/core';
import * as z from 'zod/mini';
import type { Model } from './model.js';

/** How a quantized model was calibrated. */
export interface CalibrationRecord {
  /** How ranges were found: `min-max`. */
  readonly method: string;
  /** Images seen. */
  readonly images: number;
  /** Smallest and largest value seen, by the name of the value in the float model. */
  readonly ranges: Readonly<Record<string, readonly [minimum: number, maximum: number]>>;
}

/** What Percept writes into a model file, so that opening the file is enough to serve and to watch it. */
export interface PerceptMetadata {
  /** Class names, in the order of the model's scores. */
  labels?: string[];
  /** How an image becomes the input tensor. */
  preprocess?: PreprocessSpec;
  lineage?: Lineage;
  /** What inputs and outputs looked like when the model was made. */
  profile?: ReferenceProfile;
  calibration?: CalibrationRecord;
}

const size = z.int().check(z.minimum(1));
const filter = z.optional(z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos', 'area']));
const distribution = z.looseObject({
  count: z.number(),
  mean: z.number(),
  standardDeviation: z.number(),
  edges: z.array(z.number()),
  shares: z.array(z.number()),
  quantiles: z.array(z.number()),
});

// Loose: a later version may add fields, and what is read is written back.
const schemas = {
  labels: z.array(z.string()),
  preprocess: z.looseObject({
    color: z.enum(['gray', 'rgb', 'bgr']),
    resize: z.optional(
      z.discriminatedUnion('mode', [
        z.looseObject({ mode: z.literal('exact'), width: size, height: size, filter }),
        z.looseObject({ mode: z.literal('shorter-side'), size, filter }),
        z.looseObject({
          mode: z.literal('letterbox'),
          width: size,
          height: size,
          padValue: z.optional(z.number()),
          filter,
        }),
      ]),
    ),
    crop: z.optional(z.looseObject({ width: size, height: size })),
    scale: z.number(),
    mean: z.array(z.number()),
    std: z.array(z.number()),
  }),
  lineage: z.looseObject({
    runId: z.optional(z.string()),
    datasetVersion: z.optional(z.string()),
    parentModel: z.optional(z.string()),
    codeVersion: z.optional(z.string()),
    seed: z.optional(z.number()),
    createdAt: z.optional(z.string()),
  }),
  profile: z.looseObject({
    version: z.literal(1),
    images: z.number(),
    properties: z.record(z.string(), distribution),
    scores: z.record(z.string(), distribution),
  }),
  calibration: z.looseObject({
    method: z.string(),
    images: z.number(),
    ranges: z.record(z.string(), z.tuple([z.number(), z.number()])),
  }),
};

type Key = keyof typeof schemas;
const keys = Object.keys(schemas) as Key[];
const envelope = z.object({ schema: z.number(), value: z.unknown() });

/**
 * What a model says of itself under Percept's keys: `percept.labels`, `percept.preprocess`, `percept.lineage`,
 * `percept.profile`, `percept.calibration`. Other metadata is not looked at.
 *
 * @throws PerceptError `ONNX_METADATA_INVALID` when one of those keys holds something else than Percept writes there;
 *   `ONNX_METADATA_UNSUPPORTED` when a newer version has written it
 */
export function readMetadata(model: Model): PerceptMetadata {
  const entries = keys
    .map((key) => [key, model.metadata[`percept.${key}`]] as const)
    .filter((entry): entry is readonly [Key, string] => entry[1] !== undefined)
    .map(([key, text]) => [key, readEntry(key, text)]);
  return Object.fromEntries(entries) as PerceptMetadata;
}

function readEntry(key: Key, text: string): unknown {
  const wrapped = attempt(key, () => parseOptions(envelope, JSON.parse(text), `metadata percept.${key}`));
  if (wrapped.schema !== 1) {
    throw new PerceptError(
      'ONNX_METADATA_UNSUPPORTED',
      `Expected schema 1 for metadata percept.${key} but received ${wrapped.schema}. Upgrade @percept/onnx`,
    );
  }
  return attempt(key, () => parseOptions(schemas[key], wrapped.value, `metadata percept.${key}`));
}

function attempt<Result>(key: Key, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new PerceptError(
      'ONNX_METADATA_INVALID',
      `Expected JSON as Percept writes it for metadata percept.${key} but: ${(cause as Error).message}. Write it anew with withMetadata()`,
      { cause },
    );
  }
}

/**
 * A model that says of itself what `metadata` holds. Fields that `metadata` leaves out stay as the model has them. The
 * rest of the model is shared with the one given, which is not changed.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when a field has another form than its type
 */
export function withMetadata(model: Model, metadata: PerceptMetadata): Model {
  const entries = keys
    .filter((key) => metadata[key] !== undefined)
    .map((key) => {
      const value = parseOptions(schemas[key] as z.ZodMiniType, metadata[key], `metadata ${key}`);
      return [`percept.${key}`, JSON.stringify({ schema: 1, value })];
    });
  return { ...model, metadata: { ...model.metadata, ...Object.fromEntries(entries) } };
}
