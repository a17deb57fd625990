import {
  isPerceptError,
  type LongCallOptions,
  PerceptError,
  parseOptions,
  type Sample,
  throwIfAborted,
} from '@percept/core';
import { decodeImage } from '@percept/image';
import * as z from 'zod/mini';
import { readAhead } from './read-ahead.js';
import { type IndexedSource, subset } from './source.js';

/** A sample that does not belong into a dataset. */
export interface SampleSkip {
  readonly key: string;
  /** Stable code of the reason: `IMAGE_EMPTY`, `IMAGE_DECODE_FAILED`, `DATA_DUPLICATE_KEY`, … */
  readonly code: string;
  /** The reason, for people. */
  readonly reason: string;
}

/** What {@link validateSource} found. */
export interface ValidationReport {
  /** Samples looked at. */
  readonly total: number;
  /** Samples without a fault. */
  readonly valid: number;
  readonly skipped: readonly SampleSkip[];
  /** Valid samples of every class, by name. */
  readonly classCounts: Readonly<Record<string, number>>;
  /** What is allowed but bad for learning, for people: classes with fewer than two samples. */
  readonly warnings: readonly string[];
}

/** Options of {@link validateSource}. */
export interface ValidateOptions extends LongCallOptions {
  /** Most pixels of an image; default 100 million. Judged by its header, so that a lie costs no memory. */
  readonly maxPixels?: number;
  /** Told of every skipped sample as it is found. */
  readonly onSkip?: (skip: SampleSkip) => void;
}

const optionsSchema = z.strictObject({ maxPixels: z._default(z.int().check(z.gte(1)), 100_000_000) });

/** Samples read and decoded at a time. */
const readsAhead = 8;

/**
 * Reads and fully decodes every sample. Those that cannot be read or decoded (empty, cut off, not an image, too many
 * pixels), with a label outside the classes or with a key that came before are left out of `valid` and reported.
 *
 * @throws PerceptError `ABORTED`, `INVALID_ARGUMENT`, and what is no sample's fault: `MISSING_PEER`, `STORAGE_…`
 */
export async function validateSource(
  source: IndexedSource,
  options: ValidateOptions = {},
): Promise<{ readonly valid: IndexedSource; readonly report: ValidationReport }> {
  const { signal, onProgress, onSkip, ...rest } = options;
  const { maxPixels } = parseOptions(optionsSchema, rest, 'validateSource() options');
  const good: number[] = [];
  const skipped: SampleSkip[] = [];
  const counts = source.classes.map(() => 0);
  const seen = new Set<string>();
  const checks = readAhead(source.length, readsAhead, async (index) => {
    try {
      await checkSample(await source.read(index), source.classes.length, maxPixels, signal);
      return undefined;
    } catch (error) {
      if (isPerceptError(error) && /^(STORAGE_|ABORTED$|MISSING_PEER$)/.test(error.code)) throw error;
      return error;
    }
  });
  let index = 0;
  for await (const fault of checks) {
    throwIfAborted(signal);
    const key = source.keys[index]!;
    const skip = fault === undefined ? duplicate(key, seen) : describe(key, fault);
    seen.add(key);
    if (skip === undefined) {
      good.push(index);
      counts[source.labels[index]!]!++;
    } else {
      skipped.push(skip);
      onSkip?.(skip);
    }
    index++;
    onProgress?.({ stage: 'validate', done: index, total: source.length, unit: 'images' });
  }
  const classCounts = Object.fromEntries(source.classes.map((name, label) => [name, counts[label]!]));
  const report = {
    total: source.length,
    valid: good.length,
    skipped,
    classCounts,
    warnings: source.classes.flatMap((name, label) => warnOfSize(name, counts[label]!)),
  };
  return { valid: subset(source, good), report };
}

async function checkSample(
  sample: Sample,
  classes: number,
  maxPixels: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!Number.isInteger(sample.label) || sample.label < 0 || sample.label >= classes) {
    throw new PerceptError('DATA_SAMPLE_INVALID', `Expected a label in [0, ${classes}) but received ${sample.label}`);
  }
  await decodeImage(sample.image, { maxPixels, signal });
}

function describe(key: string, fault: unknown): SampleSkip {
  const code = isPerceptError(fault) ? fault.code : 'DATA_UNREADABLE';
  return { key, code, reason: fault instanceof Error ? fault.message : String(fault) };
}

function duplicate(key: string, seen: ReadonlySet<string>): SampleSkip | undefined {
  return seen.has(key) ? { key, code: 'DATA_DUPLICATE_KEY', reason: 'another sample has the same key' } : undefined;
}

function warnOfSize(name: string, count: number): string[] {
  if (count >= 2) return [];
  const held = count === 0 ? 'no valid image' : 'one valid image only';
  return [`Class "${name}" has ${held}; two are needed to have one in each split`];
}
