import { createHash, randomFillSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { s3Storage } from '@percept/storage/backends/s3';
import { storageConformance } from '@percept/storage/testing';
import { startCuttingProxy } from '@percept/storage/testing/node';
import { afterAll, describe, expect, it } from 'vitest';
import { resumeKilledUpload } from './services/killed-upload.js';
import { startS3Server } from './services/s3-server.js';

const server = await startS3Server();
afterAll(async () => {
  if (typeof server !== 'string') await server.stop();
});

const quick = { firstDelayMs: 5, longestDelayMs: 50 };
const mebibyte = 1024 ** 2;
let buckets = 0;

if (typeof server === 'string') {
  it.skip(`S3 storage against a real server (${server})`, () => {});
} else {
  const { credentials } = server;

  /** A bucket of its own behind a proxy of its own. */
  const open = async () => {
    const bucket = `bucket-${++buckets}`;
    await server.createBucket(bucket);
    const proxy = await startCuttingProxy(server.port);
    const options = { bucket, credentials, endpoint: `http://127.0.0.1:${proxy.port}`, retry: quick };
    return { storage: s3Storage(options), options, cutter: proxy, cleanup: () => proxy.close() };
  };

  storageConformance(`S3 (${server.name})`, { create: open });

  describe(`s3Storage on ${server.name}`, () => {
    it('goes on in another process with an upload that was killed', async () => {
      const { storage, options, cleanup } = await open();
      const folder = await mkdtemp(join(tmpdir(), 'percept-s3-'));
      const file = join(folder, 'object');
      const bytes = randomFillSync(new Uint8Array(64 * mebibyte));
      await writeFile(file, bytes);
      const upload = { ...options, key: 'large', file, killAfter: bytes.length / 2 };
      const { sentBefore, sentAfter } = await resumeKilledUpload(upload);
      expect(sentBefore).toBeGreaterThanOrEqual(bytes.length / 2);
      expect(sentAfter).toBeLessThanOrEqual(bytes.length / 2);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(await storage.read('large', { sha256 })).toHaveLength(bytes.length);
      expect(await storage.abandonUploads('large')).toBe(0);
      await rm(folder, { recursive: true });
      await cleanup();
    });

    it('keeps conditions also for uploads in several parts, of which exactly one wins', async () => {
      const { storage, cutter, cleanup } = await open();
      const large = (value: number) => new Uint8Array(9 * mebibyte).fill(value);
      const results = await Promise.allSettled(
        [1, 2, 3].map((value) => storage.write('a', large(value), { ifAbsent: true })),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({ code: 'STORAGE_EXISTS' });
      const { version } = (await storage.stat('a'))!;
      const next = await storage.write('a', large(4), { ifMatch: version });
      await expect(storage.write('a', large(5), { ifMatch: version })).rejects.toMatchObject({
        code: 'STORAGE_CHANGED',
      });
      expect((await storage.read('a', { ifMatch: next.version })).every((byte) => byte === 4)).toBe(true);

      // The answer to the last request is lost: the object is there, and the writer must find out that it is its own.
      let requests = 0;
      const counting = s3Storage({
        ...(await open()).options,
        fetch: async (url, init) => {
          requests++;
          const completes = init?.method === 'POST' && String(url).includes('uploadId=');
          const response = await fetch(url, init);
          if (!completes || requests > 5) return response;
          await response.text();
          throw new TypeError('fetch failed');
        },
      });
      expect(await counting.write('b', large(6), { ifAbsent: true })).toMatchObject({ size: 9 * mebibyte });
      expect(requests).toBeGreaterThan(5);
      expect(cutter.pending).toBe(0);
      await cleanup();
    });

    it('hands out addresses that read and write without credentials', async () => {
      const { storage, cleanup } = await open();
      const put = await storage.presign('a b/ü+', { method: 'PUT', expiresIn: 60 });
      expect((await fetch(put, { method: 'PUT', body: 'presigned' })).status).toBe(200);
      const get = await storage.presign('a b/ü+', { method: 'GET' });
      expect(await (await fetch(get)).text()).toBe('presigned');
      expect((await fetch(get, { method: 'DELETE' })).status).toBe(403);
      expect((await fetch(get.replace('a%20b', 'other'))).status).toBe(403);
      await cleanup();
    });

    it('reads what others have stored with a content coding as it is stored', async () => {
      const { storage, cleanup } = await open();
      const bytes = gzipSync('text '.repeat(1000));
      const put = await storage.presign('text.gz', { method: 'PUT' });
      const answer = await fetch(put, { method: 'PUT', body: bytes, headers: { 'content-encoding': 'gzip' } });
      expect(answer.status).toBe(200);
      expect(await storage.stat('text.gz')).toMatchObject({ size: bytes.length });
      expect(await storage.read('text.gz')).toEqual(new Uint8Array(bytes));
      const range = { start: 2, end: 12 };
      expect(await storage.read('text.gz', { range })).toEqual(new Uint8Array(bytes.subarray(2, 12)));
      await cleanup();
    });

    it('deletes what unfinished uploads have left', async () => {
      const { storage, cleanup } = await open();
      const controller = new AbortController();
      const stopped = storage.resumeWrite('left', new Uint8Array(20 * mebibyte), {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
      expect(await storage.abandonUploads('left', { olderThanMs: 60_000 })).toBe(0);
      expect(await storage.abandonUploads('left')).toBe(1);
      expect(await storage.abandonUploads('left')).toBe(0);
      await cleanup();
    });

    it('explains a bucket that is not there and keys that are wrong', async () => {
      const { options, cleanup } = await open();
      const nowhere = s3Storage({ ...options, bucket: 'nowhere' });
      await expect(nowhere.write('a', new Uint8Array(1))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
      await expect(nowhere.read('a')).rejects.toThrow(/no such bucket/);
      const wrong = { ...credentials, secretAccessKey: 'wrong' };
      const stranger = s3Storage({ ...options, credentials: wrong });
      await expect(stranger.stat('a')).rejects.toMatchObject({ code: 'STORAGE_PERMISSION' });
      await cleanup();
    });
  });
}
