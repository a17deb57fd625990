import { createReadStream } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { objectSource } from '@percept/storage';
import { fsStorage } from '@percept/storage/backends/fs';
import { s3Storage } from '@percept/storage/backends/s3';
import { concurrency, type Job, objectSize, partSize } from './s3.shape.js';

const { endpoint, bucket, credentials, file, task } = JSON.parse(process.argv[2]!) as Job;
const storage = s3Storage({ bucket, credentials, endpoint, partSize, concurrency });

const tasks: Record<Job['task'], () => Promise<number>> = {
  async up() {
    return (await storage.write('ours', createReadStream(file, { highWaterMark: 1024 ** 2 }))).size;
  },
  async 'resumable up'() {
    const source = await objectSource(fsStorage(dirname(file)), basename(file));
    return (await storage.resumeWrite('ours', source)).size;
  },
  async down() {
    return (await storage.read('object')).length;
  },
  async 'streamed down'() {
    let length = 0;
    for await (const chunk of storage.readStream('object')) length += chunk.length;
    return length;
  },
};

console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const size = await tasks[task]();
  if (size !== objectSize) throw new Error(`Expected ${objectSize} bytes but received ${size}`);
  const seconds = (performance.now() - start) / 1000;
  if (task.endsWith('up')) await storage.delete('ours');
  console.log(JSON.stringify({ value: size / 1e6 / seconds }));
}
