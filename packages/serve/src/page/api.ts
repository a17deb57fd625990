import type { MonitorReport } from '@percept/core';
import type { Prediction, PredictorHealth } from '../prediction.js';

/** What a call to the server came to. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** A ready picture, as `GET /api/examples` lists it. */
export interface Example {
  readonly name: string;
  readonly url: string;
}

const unreachable = {
  ok: false,
  code: 'OFFLINE',
  message: 'The server cannot be reached. Check the connection, then try again.',
} as const;

/** Sends a picture; `onUpload` is told the share of it that has left, 0..1. XMLHttpRequest, because fetch cannot say. */
export function predict(
  picture: Blob,
  { onUpload, signal }: { onUpload(share: number): void; signal: AbortSignal },
): Promise<Outcome<Prediction>> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/predict');
    request.setRequestHeader(
      'content-type',
      picture.type.startsWith('image/') ? picture.type : 'application/octet-stream',
    );
    request.upload.onprogress = ({ loaded, total }) => onUpload(total > 0 ? loaded / total : 0);
    request.upload.onload = () => onUpload(1);
    request.onload = () => resolve(outcome(request.status, request.responseText));
    request.onerror = () => resolve(unreachable);
    request.onabort = () => resolve({ ok: false, code: 'ABORTED', message: 'Stopped.' });
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(picture);
  });
}

/** Says which class would have been right; `image` (base64) only when the server has asked for it again. */
export function correct(predictionId: string, correctLabel: string, image?: string): Promise<Outcome<{ id: string }>> {
  return call('/api/feedback', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(image === undefined ? { predictionId, correctLabel } : { predictionId, correctLabel, image }),
  });
}

export const monitorReport = (): Promise<Outcome<MonitorReport>> => call('/api/monitor');

export const health = (): Promise<Outcome<PredictorHealth>> => call('/api/health');

export const examples = (): Promise<Outcome<Example[]>> => call('/api/examples');

async function call<T>(path: string, init?: RequestInit): Promise<Outcome<T>> {
  try {
    const response = await fetch(path, init);
    return outcome(response.status, await response.text());
  } catch {
    return unreachable;
  }
}

function outcome<T>(status: number, text: string): Outcome<T> {
  try {
    const body = JSON.parse(text) as T & { error?: { code: string; message: string } };
    if (body.error !== undefined) return { ok: false, ...body.error };
    return { ok: true, value: body };
  } catch {
    return { ok: false, code: `HTTP_${status}`, message: `The server gave an answer that makes no sense (${status}).` };
  }
}
