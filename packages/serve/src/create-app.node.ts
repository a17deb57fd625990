import type { Hono } from 'hono';
import { buildApp } from './http/app.js';
import type { AppOptions } from './http/app-options.js';
import { createImageFetcher } from './http/fetch-image.js';
import { createMetrics } from './http/metrics.js';
import { loadPage } from './load-page.js';

/**
 * The HTTP app around a predictor, as web-standard handlers: `app.fetch(request)` gives a `Response`; {@link listen}
 * serves it.
 *
 * `GET /` the page · `POST /api/predict` an image (multipart `file` or `image`, raw bytes, JSON `{ "image": base64 }` or
 * `{ "url" }`) to a `Prediction` · `POST /api/feedback` `{ predictionId, correctLabel, image? }` · `GET /api/health`
 * (503 when it cannot answer) · `GET /api/monitor` · `GET /api/examples` · `GET /metrics` (Prometheus text format).
 * Errors are `{ "error": { "code", "message", "details"? } }`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unfit options
 */
export function createApp(options: AppOptions): Hono {
  return buildApp(options, { fetchImage: createImageFetcher(), createMetrics, loadPage });
}
