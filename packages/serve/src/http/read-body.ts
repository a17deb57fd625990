import { PerceptError } from '@percept/core';

/**
 * Reads a request's (or response's) body, at most `maxBytes` of it. A body that announces more is refused before any of
 * it is read, one that turns out longer is dropped as soon as it does.
 *
 * @throws PerceptError `SERVE_BODY_TOO_LARGE`, `SERVE_BODY_INVALID` when the body breaks off
 */
export async function readBody(source: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(source.headers.get('content-length') ?? Number.NaN);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  if (source.body === null) return new Uint8Array(0);
  // Announced bodies go straight to where they stay; the others grow by doubling.
  let buffer = new Uint8Array(Number.isInteger(announced) && announced >= 0 ? announced : 64 * 1024);
  let length = 0;
  const reader = source.body.getReader();
  for (;;) {
    const { done, value } = await nextChunk(reader);
    if (done) return buffer.length === length ? buffer : buffer.slice(0, length);
    if (length + value.length > maxBytes) {
      reader.cancel().catch(() => {});
      throw tooLarge(maxBytes);
    }
    if (length + value.length > buffer.length) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(buffer.length * 2, length + value.length)));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(value, length);
    length += value.length;
  }
}

async function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch (cause) {
    throw new PerceptError('SERVE_BODY_INVALID', 'Expected a whole request body but it broke off', { cause });
  }
}

function tooLarge(maxBytes: number): PerceptError {
  return new PerceptError(
    'SERVE_BODY_TOO_LARGE',
    `Expected a body of at most ${maxBytes} bytes but received a larger one; send a smaller image`,
    { details: { maxBytes } },
  );
}
