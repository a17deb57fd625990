import { PerceptError } from '@percept/core';
import * as z from 'zod';
import { decodeBase64 } from './base64.js';
import { parseJsonBody } from './json-body.js';
import { readBody } from './read-body.js';

/** Gets the bytes behind an address that a client sent. */
export type FetchImage = (
  url: string,
  options: { readonly maxBytes: number; readonly signal: AbortSignal },
) => Promise<Uint8Array>;

const jsonBody = z.union([z.strictObject({ image: z.string().min(1) }), z.strictObject({ url: z.string().min(1) })], {
  error: 'either { "image": "<base64 or data: URL>" } or { "url": "https://..." }',
});

/**
 * The encoded image that a request carries: a multipart field `file` or `image`, the raw body, or JSON with base64 or
 * an address.
 *
 * @throws PerceptError `SERVE_MEDIA_TYPE_UNSUPPORTED`, `SERVE_BODY_INVALID`, `SERVE_BODY_TOO_LARGE`, `SERVE_URL_REFUSED`,
 *   `SERVE_URL_UNREADABLE`
 */
export async function uploadedImage(
  request: Request,
  maxBytes: number,
  fetchImage: FetchImage | undefined,
): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? '';
  const essence = type.split(';')[0]!.trim().toLowerCase();
  let bytes: Uint8Array;
  if (essence.startsWith('image/') || essence === 'application/octet-stream') {
    bytes = await readBody(request, maxBytes);
  } else if (essence === 'multipart/form-data') {
    bytes = await multipartImage(await readBody(request, maxBytes), type);
  } else if (essence === 'application/json') {
    const body = parseJsonBody(await readBody(request, maxBytes), jsonBody);
    bytes = 'image' in body ? decodeBase64(body.image) : await imageBehind(body.url, maxBytes, request, fetchImage);
  } else {
    throw new PerceptError(
      'SERVE_MEDIA_TYPE_UNSUPPORTED',
      `Expected content-type multipart/form-data, image/*, application/octet-stream or application/json but received ${essence || 'none'}`,
    );
  }
  if (bytes.length === 0) throw new PerceptError('SERVE_BODY_INVALID', 'Expected image bytes but received none');
  return bytes;
}

async function multipartImage(body: Uint8Array<ArrayBuffer>, type: string): Promise<Uint8Array> {
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch (cause) {
    throw new PerceptError('SERVE_BODY_INVALID', 'Expected a multipart/form-data body but it cannot be parsed', {
      cause,
    });
  }
  const field = form.get('file') ?? form.get('image');
  if (!(field instanceof Blob)) {
    throw new PerceptError('SERVE_BODY_INVALID', 'Expected a file in the multipart field file or image but found none');
  }
  return new Uint8Array(await field.arrayBuffer());
}

async function imageBehind(url: string, maxBytes: number, request: Request, fetchImage: FetchImage | undefined) {
  if (fetchImage === undefined) {
    throw new PerceptError('SERVE_URL_REFUSED', 'Expected an image in the body: this server fetches no addresses');
  }
  return fetchImage(url, { maxBytes, signal: request.signal });
}
