import { type Correction, type FeedbackSink, PerceptError, parseOptions, sha256Digest } from '@percept/core';
import { readJson, type Storage, writeJson } from '@percept/storage';
import * as z from 'zod/mini';
import { jsonDigest } from './digest.js';

const text = z.string().check(z.minLength(1), z.maxLength(1000));

const recordSchema = z.object({
  predictionId: text,
  extension: z.string().check(z.regex(/^[a-z0-9]{1,10}$/)),
  predictedLabel: text,
  correctLabel: text,
  model: z.object({ name: text, version: z.int().check(z.gte(0)) }),
  time: z.int().check(z.gte(0), z.lt(1e14)),
});

const storedSchema = z.extend(recordSchema, { image: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)) });

const correctionSchema = z.extend(recordSchema, { image: z.instanceof(Uint8Array) });

const optionsSchema = z.strictObject({ prefix: z._default(z.string().check(z.minLength(1)), 'feedback') });

/** Keeps corrections in a storage and gives them back. */
export interface FeedbackStore extends FeedbackSink {
  /** All corrections, oldest first. Rejects with `DATA_FEEDBACK_INVALID` for a record that was damaged. */
  list(): AsyncIterable<Correction>;
}

/**
 * Keeps corrections in a storage: images once each under `<prefix>/images/`, named by their digest, and a JSON record per
 * correction under `<prefix>/records/`, written last, so that nothing incomplete is ever listed.
 *
 * `store` gives the id of the correction, 32 hexadecimal digits that follow from its content: storing the same again
 * changes nothing. It rejects with `INVALID_ARGUMENT` for a correction of the wrong form and with what the storage
 * rejects with.
 */
export function feedbackStore(storage: Storage, options: { readonly prefix?: string } = {}): FeedbackStore {
  const { prefix } = parseOptions(optionsSchema, options, 'feedbackStore() options');
  const imageKey = (digest: string, extension: string): string =>
    `${prefix}/images/${digest.slice('sha256:'.length)}.${extension}`;
  return {
    async store(correction) {
      const { image, ...rest } = parseOptions(correctionSchema, correction, 'the correction');
      const record = { ...rest, image: await sha256Digest(image) };
      const id = (await jsonDigest(record)).slice('sha256:'.length, 'sha256:'.length + 32);
      await storage.write(imageKey(record.image, record.extension), image);
      // Fourteen digits of milliseconds put the keys, and so the list, in order of time.
      await writeJson(storage, `${prefix}/records/${String(record.time).padStart(14, '0')}-${id}.json`, record);
      return id;
    },
    async *list() {
      for await (const { key } of storage.list(`${prefix}/records/`)) {
        const stored = z.safeParse(storedSchema, await readJson<unknown>(storage, key));
        if (!stored.success) {
          throw new PerceptError(
            'DATA_FEEDBACK_INVALID',
            `Expected a correction in "${key}" of ${storage.description} but it was damaged; restore or delete it`,
            { details: { key, storage: storage.description }, cause: stored.error },
          );
        }
        const { image, ...rest } = stored.data;
        yield { ...rest, image: await storage.read(imageKey(image, rest.extension)) };
      }
    },
  };
}
