// A detector describes itself: where its anchors lie, and how its output is to be read, stands in the model's metadata.
import { isPerceptError, PerceptError, parseOptions } from '@percept/core';
import { type Model, readMetadata } from '@percept/onnx';
import * as z from 'zod';
import { type AnchorGrid, layAnchors } from './anchors.js';
import type { BoxWeights } from './box-coder.js';

/**
 * What an anchor's scores are: logits of background and all classes, of which one is right (`softmax`), or one logit for
 * every class, of which any may be (`sigmoid`).
 */
export type DetectorScores = 'softmax' | 'sigmoid';

/** How the output of a detector, `[N, anchors, 4 + scores]`, is to be read. */
export interface DetectorDescription {
  readonly grid: AnchorGrid;
  /** Factors of the offsets. */
  readonly weights: BoxWeights;
  readonly scores: DetectorScores;
  /** Number of classes, background not counted. */
  readonly classes: number;
  /** Height and width of the input, in pixels. */
  readonly size: readonly [height: number, width: number];
}

/** A {@link DetectorDescription} with its anchors laid out. */
export interface Detector extends DetectorDescription {
  /** `[anchors, 4]` corners in fractions of the image. */
  readonly anchors: Float32Array;
  /** Names of the classes, where the model says them. */
  readonly labels: readonly string[] | undefined;
}

const key = 'percept.train.detector';
const size = z.int().min(1);
const positive = z.number().gt(0);
const pair = z.tuple([size, size]);
const schema = z.looseObject({
  schema: z.literal(1),
  value: z.looseObject({
    grid: z.looseObject({
      maps: z.array(pair).min(1),
      shapes: z.array(z.array(z.tuple([positive, positive])).min(1)).min(1),
    }),
    weights: z.tuple([positive, positive, positive, positive]),
    scores: z.enum(['softmax', 'sigmoid']),
    classes: size,
    size: pair,
  }),
});

/** The model with a description of its output in its metadata. */
export function withDetector(model: Model, description: DetectorDescription): Model {
  const { grid, weights, scores, classes, size } = description;
  const value = { grid, weights, scores, classes, size };
  return { ...model, metadata: { ...model.metadata, [key]: JSON.stringify({ schema: 1, value }) } };
}

/** The model without that description. */
export function withoutDetector(model: Model): Model {
  const { [key]: _, ...metadata } = model.metadata;
  return { ...model, metadata };
}

/**
 * How the output of a detector is to be read, from its metadata.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model is no detector made by `ssdLite`
 */
export function detectorOf(model: Model): Detector {
  const text = model.metadata[key];
  if (text === undefined) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected a detector as ssdLite() makes it but received a model without metadata ${key}`,
    );
  }
  try {
    const { value } = parseOptions(schema, JSON.parse(text), `metadata ${key}`);
    return { ...value, anchors: layAnchors(value.grid), labels: readMetadata(model).labels };
  } catch (cause) {
    if (!isPerceptError(cause) && !(cause instanceof SyntaxError)) throw cause;
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected JSON as ssdLite() writes it for metadata ${key} but: ${cause.message}. Build the detector again`,
      { cause },
    );
  }
}
