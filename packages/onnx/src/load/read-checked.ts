import { type LongCallOptions, PerceptError } from '@percept/core';
import { modelDigest } from '../model-digest.js';
import { type Remote, statOf } from './download.js';

/** No model file has more bytes, so that a server's word for more is not taken. */
const mostBytes = 2 ** 31;

/**
 * Reads a model file where it lies.
 *
 * @throws PerceptError `ONNX_DOWNLOAD_CORRUPT` when its SHA-256 is another one; what the storage throws
 */
export async function readChecked(
  remote: Remote,
  sha256: string | undefined,
  { signal, onProgress }: LongCallOptions,
): Promise<{ bytes: Uint8Array; digest: string }> {
  const { storage, key } = remote;
  const total = (await statOf(remote, { signal }))?.size;
  // Into one piece of memory where the size is known: a model may take most of what there is.
  let bytes = new Uint8Array(total !== undefined && total <= mostBytes ? total : 0);
  let done = 0;
  for await (const chunk of storage.readStream(key, { signal })) {
    if (done + chunk.length > bytes.length) {
      const larger = new Uint8Array(Math.max(done + chunk.length, 2 * bytes.length));
      larger.set(bytes.subarray(0, done));
      bytes = larger;
    }
    bytes.set(chunk, done);
    done += chunk.length;
    onProgress?.({ stage: 'read', done, unit: 'bytes', ...(total !== undefined && { total }) });
  }
  if (done < bytes.length) bytes = bytes.slice(0, done);
  const digest = await modelDigest(bytes);
  if (sha256 !== undefined && digest !== `sha256:${sha256}`) throw otherBytes(key, sha256, digest);
  return { bytes, digest };
}

/** A refusal of bytes that are not those that a digest asks for. */
export function otherBytes(what: string, expected: string, received: string): PerceptError {
  return new PerceptError(
    'ONNX_DOWNLOAD_CORRUPT',
    `Expected SHA-256 ${expected} for ${what} but received ${received}. Fetch it again, or correct the option sha256`,
    { details: { expected, received } },
  );
}
