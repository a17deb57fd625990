import type { FeedbackSink, PredictionObserver } from '@percept/core';
import * as z from 'zod';
import type { Predictor } from '../prediction.js';
import type { FetchImage } from './uploaded-image.js';

/** A ready picture that visitors of the page can try. */
export interface ExampleImage {
  /** Shown and used in the address: `sneaker`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** For example `image/png`. */
  readonly contentType: string;
}

/** Sizes that bound what a client can make the server hold. */
export interface AppLimits {
  /** Largest image, in bytes; default 16 MiB. Larger bodies are refused before they are read. */
  readonly bodyBytes?: number;
  /** Recent uploads kept so that a correction can be stored with its image, in bytes; default 64 MiB. */
  readonly recentBytes?: number;
}

/** Options of {@link createApp}. */
export interface AppOptions {
  /** Answers `POST /api/predict`. The app never closes it. */
  readonly predictor: Predictor;
  /** Stores corrections sent to `POST /api/feedback`; without it the route answers 404 and the page does not ask. */
  readonly feedback?: FeedbackSink;
  /** Gives `GET /api/monitor` its report; hand the same one to the predictor. */
  readonly observer?: PredictionObserver;
  /** Ready pictures of the page. */
  readonly examples?: readonly ExampleImage[];
  /** Heading of the page; default `Percept`. */
  readonly title?: string;
  /** Shown on the page, for example what pictures the model was made for. */
  readonly note?: string;
  readonly limits?: AppLimits;
  /**
   * Gets `{ "url" }` bodies. Default in Node: public http(s) addresses only, bounded in size and time; elsewhere, and
   * with `false`, addresses are refused.
   */
  readonly fetchImage?: FetchImage | false;
  /** Told of errors that clients see only as a bare 500. */
  readonly onError?: (error: unknown, request: Request) => void;
}

const callback = z.custom<unknown>((value) => typeof value === 'function', 'a function');

/** Checks {@link AppOptions} and fills in defaults. */
export const appOptionsSchema = z.strictObject({
  predictor: z.looseObject({ predict: callback, health: callback, subscribe: callback }),
  feedback: z.looseObject({ store: callback }).optional(),
  observer: z.looseObject({ report: callback }).optional(),
  examples: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        bytes: z.instanceof(Uint8Array),
        contentType: z.string().regex(/^image\/[\w.+-]+$/, 'a content type image/...'),
      }),
    )
    .default([]),
  title: z.string().min(1).default('Percept'),
  note: z.string().optional(),
  limits: z
    .strictObject({
      bodyBytes: z
        .int()
        .positive()
        .default(16 * 1024 * 1024),
      recentBytes: z
        .int()
        .nonnegative()
        .default(64 * 1024 * 1024),
    })
    .prefault({}),
  fetchImage: z.union([z.literal(false), callback]).optional(),
  onError: callback.optional(),
});
