import { s3Storage } from '@percept/storage/backends/s3';
import { storageConformance } from '@percept/storage/testing';
import { startCuttingProxy } from '@percept/storage/testing/node';
import { afterAll, it } from 'vitest';
import { startS3Server } from './services/s3-server.js';

const server = await startS3Server();
afterAll(async () => {
  if (typeof server !== 'string') await server.stop();
});

const quick = { firstDelayMs: 5, longestDelayMs: 50 };
let buckets = 0;

if (typeof server === 'string') {
  it.skip(`S3 storage against a real server (${server})`, () => {});
} else {
  const { credentials } = server;

  /** A bucket of its own behind a proxy of its own. */
  const open = async (prefix?: string) => {
    const bucket = `bucket-${++buckets}`;
    await server.createBucket(bucket);
    const proxy = await startCuttingProxy(server.port);
    const options = { bucket, prefix, credentials, endpoint: `http://127.0.0.1:${proxy.port}`, retry: quick };
    return { storage: s3Storage(options), options, proxy, cutter: proxy, cleanup: () => proxy.close() };
  };

  storageConformance(`S3 (${server.name})`, { create: () => open() });
}
