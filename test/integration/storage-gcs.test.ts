import { gcsStorage } from '@percept/storage/backends/gcs';
import { storageConformance } from '@percept/storage/testing';
import { startCuttingProxy } from '@percept/storage/testing/node';
import { afterAll, it } from 'vitest';
import { startGcsServer } from './services/gcs-server.js';

const proxy = await startCuttingProxy();
const server = await startGcsServer(proxy.port);
afterAll(async () => {
  await proxy.close();
  if (typeof server !== 'string') await server.stop();
});

const quick = { firstDelayMs: 5, longestDelayMs: 50 };
let buckets = 0;

if (typeof server === 'string') {
  it.skip(`Google Cloud Storage against a real server (${server})`, () => {});
} else {
  proxy.forwardTo(server.port);

  storageConformance('Google Cloud Storage (fake-gcs-server)', {
    // It takes seconds to list a thousand.
    listed: 300,
    skip: [
      {
        reason: 'fake-gcs-server finishes an upload when it is asked how far that has come',
        tests: [
          'goes on with an upload that was stopped, and sends only what is missing',
          'sends again what has changed since an upload was stopped',
        ],
      },
    ],
    async create() {
      const bucket = `bucket-${++buckets}`;
      await server.createBucket(bucket);
      const endpoint = `http://127.0.0.1:${proxy.port}`;
      proxy.cutAnswers(0);
      return {
        storage: gcsStorage({ bucket, endpoint, credentials: 'anonymous', retry: quick }),
        cutter: proxy,
        cleanup: async () => {},
      };
    },
  });
}
