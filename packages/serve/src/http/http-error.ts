import { isPerceptError } from '@percept/core';

const statuses: Readonly<Record<string, number>> = {
  ABORTED: 499,
  IMAGE_TOO_LARGE: 413,
  IMAGE_UNKNOWN_FORMAT: 415,
  INVALID_ARGUMENT: 400,
  SERVE_BODY_INVALID: 400,
  SERVE_BODY_TOO_LARGE: 413,
  SERVE_CLOSED: 503,
  SERVE_LABEL_UNKNOWN: 400,
  SERVE_MEDIA_TYPE_UNSUPPORTED: 415,
  SERVE_METHOD_NOT_ALLOWED: 405,
  SERVE_MODEL_UNAVAILABLE: 503,
  SERVE_NOT_FOUND: 404,
  SERVE_OVERLOADED: 503,
  SERVE_PREDICTION_UNKNOWN: 404,
  SERVE_UPLOAD_EXPIRED: 410,
  SERVE_URL_REFUSED: 400,
  SERVE_URL_UNREADABLE: 422,
};

/** The HTTP status that stands for an error; 500 for whatever the client has no part in. */
function httpStatus(error: unknown): number {
  if (!isPerceptError(error)) return 500;
  return statuses[error.code] ?? (error.code.startsWith('IMAGE_') ? 400 : 500);
}

/**
 * The JSON answer for an error: `{ "error": { "code", "message", "details"? } }`. A 500 says nothing about the inside
 * of the server beyond the code.
 */
export function errorResponse(error: unknown): Response {
  const status = httpStatus(error);
  const headers = new Headers({ 'cache-control': 'no-store' });
  if (!isPerceptError(error) || status === 500) {
    const code = isPerceptError(error) ? error.code : 'SERVE_INTERNAL';
    return Response.json({ error: { code, message: 'The server failed to answer this request' } }, { status, headers });
  }
  const { code, message, details } = error;
  if (typeof details.retryAfterSeconds === 'number') headers.set('retry-after', String(details.retryAfterSeconds));
  if (Array.isArray(details.allow)) headers.set('allow', details.allow.join(', '));
  return Response.json(
    { error: Object.keys(details).length === 0 ? { code, message } : { code, message, details } },
    { status, headers },
  );
}
