import { parseOptions } from '@percept/core';
import * as z from 'zod';

/** Options that every architecture for classification takes. */
export interface ClassifierOptions {
  /** Number of classes, at least 2. */
  classes: number;
  /** Channels of the image: 1 grey, 3 colour. Default 3. */
  channels?: number;
  /** Height and width of the image in pixels. Default 224. */
  size?: number;
  /** The same seed gives the same weights, bit for bit. Default 0. */
  seed?: number;
}

/** The schema of {@link ClassifierOptions}, to be extended. */
export const classifierSchema = z.strictObject({
  classes: z.int().min(2),
  channels: z.int().min(1).optional(),
  size: z.int().min(8).optional(),
  seed: z.int().optional(),
});

/** {@link ClassifierOptions} with a dropout before the classifier. */
export interface DropoutOptions extends ClassifierOptions {
  /** Share of the features that is dropped before the classifier while training, 0 ≤ x < 1. Default: the architecture's. */
  dropout?: number;
}

/** The schema of {@link DropoutOptions}, to be extended. */
export const dropoutSchema = classifierSchema.extend({ dropout: z.number().min(0).lt(1).optional() });

/** Checks {@link DropoutOptions} and fills in the defaults. */
export function dropoutOptions(options: DropoutOptions, caller: string, dropout: number): Required<DropoutOptions> {
  return withDropoutDefaults(parseOptions(dropoutSchema, options, `${caller}() options`), dropout);
}

/** Fills in the defaults of checked options. */
export function withDropoutDefaults(given: z.infer<typeof dropoutSchema>, dropout: number): Required<DropoutOptions> {
  return {
    classes: given.classes,
    channels: given.channels ?? 3,
    size: given.size ?? 224,
    seed: given.seed ?? 0,
    dropout: given.dropout ?? dropout,
  };
}
