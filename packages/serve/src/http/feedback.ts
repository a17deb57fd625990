import { type FeedbackSink, isPerceptError, PerceptError } from '@percept/core';
import { probeImage } from '@percept/image';
import * as z from 'zod';
import { decodeBase64 } from './base64.js';
import { parseJsonBody } from './json-body.js';
import { readBody } from './read-body.js';
import type { RecentUploads } from './recent-uploads.js';

const bodySchema = z.strictObject({
  predictionId: z.string().min(1),
  correctLabel: z.string().min(1),
  image: z.string().min(1).optional(),
});

/**
 * Stores the correction that a request carries, with the image that was predicted: the remembered upload or, when that
 * is gone, the one sent along. Gives the correction's id.
 *
 * @throws PerceptError `SERVE_MEDIA_TYPE_UNSUPPORTED`, `SERVE_BODY_INVALID`, `SERVE_BODY_TOO_LARGE`,
 *   `SERVE_PREDICTION_UNKNOWN`, `SERVE_LABEL_UNKNOWN`, `SERVE_UPLOAD_EXPIRED`
 */
export async function storeFeedback(
  request: Request,
  sink: FeedbackSink,
  recent: RecentUploads,
  maxBytes: number,
): Promise<string> {
  // Asking for JSON keeps pages of other origins from posting corrections without a CORS preflight.
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new PerceptError('SERVE_MEDIA_TYPE_UNSUPPORTED', 'Expected content-type application/json for feedback');
  }
  const body = parseJsonBody(await readBody(request, maxBytes), bodySchema);
  const upload = recent.get(body.predictionId);
  if (upload === undefined) {
    throw new PerceptError(
      'SERVE_PREDICTION_UNKNOWN',
      'Expected the id of a recent prediction of this server but it is not known; predict again, then correct',
    );
  }
  const { prediction } = upload;
  if (!prediction.classes.some(({ label }) => label === body.correctLabel)) {
    throw new PerceptError('SERVE_LABEL_UNKNOWN', "Expected one of the model's classes for correctLabel", {
      details: { labels: prediction.classes.map(({ label }) => label) },
    });
  }
  const image = upload.bytes ?? (body.image === undefined ? undefined : decodeBase64(body.image));
  if (image === undefined) {
    throw new PerceptError(
      'SERVE_UPLOAD_EXPIRED',
      'Expected the upload to be remembered but it has made room for newer ones; send it again as image (base64)',
    );
  }
  const { name, version } = prediction.model;
  return sink.store({
    predictionId: prediction.id,
    image,
    extension: extensionOf(image),
    predictedLabel: prediction.label,
    correctLabel: body.correctLabel,
    model: { name, version },
    time: Date.now(),
  });
}

function extensionOf(image: Uint8Array): string {
  try {
    const { format } = probeImage(image);
    return format === 'jpeg' ? 'jpg' : format;
  } catch (cause) {
    if (!isPerceptError(cause)) throw cause;
    throw new PerceptError('SERVE_BODY_INVALID', `Expected an image for image: ${cause.message}`, { cause });
  }
}
