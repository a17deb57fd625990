import { afterEach, describe, expect, it, vi } from 'vitest';
import { modelDigest } from './model-digest.js';

afterEach(() => vi.unstubAllGlobals());

describe('modelDigest', () => {
  it('is the SHA-256 of the bytes (FIPS 180-4 example)', async () => {
    const bytes = new TextEncoder().encode('xabc').subarray(1);
    expect(await modelDigest(bytes)).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('tells what is missing on an insecure page', async () => {
    vi.stubGlobal('crypto', {});
    await expect(modelDigest(new Uint8Array())).rejects.toEqual(
      expect.objectContaining({ code: 'ONNX_CRYPTO_MISSING' }),
    );
  });
});
