import { type LongCallOptions, type Sample, throwIfAborted } from '@percept/core';

/** What driving photos through the API gave. */
export interface DriveResult {
  readonly requests: number;
  /** Requests that were not answered with 200. */
  readonly failed: number;
  readonly accuracy: number;
  /** Wrong answers that were corrected through the API. */
  readonly corrections: number;
}

interface PredictAnswer {
  readonly id: string;
  readonly label: string;
}

/** Requests in flight at a time. */
const concurrency = 8;

/**
 * Sends every photo to `POST /api/predict`, as a browser would, and corrects each wrong answer through
 * `POST /api/feedback`.
 */
export async function drive(
  url: string,
  photos: readonly Sample[],
  classes: readonly string[],
  { stage, correct, signal, onProgress }: { stage: string; correct: boolean } & LongCallOptions,
): Promise<DriveResult> {
  let done = 0;
  let failed = 0;
  let right = 0;
  let corrections = 0;
  const queue = photos.values();
  const send = async () => {
    for (const photo of queue) {
      throwIfAborted(signal);
      const answer = await predict(url, photo);
      if (answer === undefined) failed++;
      else if (answer.label === classes[photo.label]) right++;
      else if (correct) {
        if (await sendCorrection(url, answer.id, classes[photo.label]!)) corrections++;
        else failed++;
      }
      done++;
      onProgress?.({ stage, done, total: photos.length, unit: 'photos' });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, send));
  return { requests: photos.length, failed, accuracy: right / photos.length, corrections };
}

async function predict(url: string, photo: Sample): Promise<PredictAnswer | undefined> {
  const body = new FormData();
  body.append('file', new Blob([photo.image as Uint8Array<ArrayBuffer>]), `${photo.key}.${photo.extension}`);
  const response = await fetch(`${url}/api/predict`, { method: 'POST', body }).catch(() => undefined);
  return response?.ok ? ((await response.json()) as PredictAnswer) : undefined;
}

async function sendCorrection(url: string, predictionId: string, correctLabel: string): Promise<boolean> {
  const response = await fetch(`${url}/api/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ predictionId, correctLabel }),
  }).catch(() => undefined);
  return response?.ok ?? false;
}
