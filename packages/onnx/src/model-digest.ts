import { PerceptError } from '@percept/core';

/**
 * Identifies a model file: `sha256:` and the SHA-256 of its bytes in lower-case hexadecimal.
 *
 * @throws PerceptError `ONNX_CRYPTO_MISSING` on pages that are no secure context, where browsers have no WebCrypto
 */
export async function modelDigest(bytes: Uint8Array): Promise<string> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined) {
    throw new PerceptError(
      'ONNX_CRYPTO_MISSING',
      'Expected WebCrypto for the digest but the page is no secure context. Serve it over https or from localhost',
    );
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
