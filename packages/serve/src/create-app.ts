import type { Hono } from 'hono';
import { buildApp } from './http/app.js';
import type { AppOptions } from './http/app-options.js';

/**
 * The HTTP app around a predictor, as web-standard handlers: `app.fetch(request)` gives a `Response`, wherever it runs.
 * Outside Node the built page, `/metrics` and `{ "url" }` bodies are not available (404 and a coded refusal).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unfit options
 */
export function createApp(options: AppOptions): Hono {
  return buildApp(options, {});
}
