import { PerceptError } from '@percept/core';

/**
 * Decodes base64, plain or as a `data:` URL. White space is skipped.
 *
 * @throws PerceptError `SERVE_BODY_INVALID`
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const comma = text.startsWith('data:') ? text.indexOf(',') : -1;
  if (text.startsWith('data:') && !/;base64$/i.test(text.slice(0, Math.max(comma, 0)))) {
    throw new PerceptError(
      'SERVE_BODY_INVALID',
      'Expected a data: URL in base64 (data:image/png;base64,...) for image',
    );
  }
  let binary: string;
  try {
    binary = atob(text.slice(comma + 1));
  } catch (cause) {
    throw new PerceptError('SERVE_BODY_INVALID', 'Expected base64 for image but received other characters', { cause });
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
