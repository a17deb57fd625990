// The AWS SDK with its own settings, except for the size and number of parts, which are those of the others.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

const { endpoint, bucket, credentials, file, task, objectSize, partSize, concurrency } = JSON.parse(process.argv[2]);
const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });

const tasks = {
  async up() {
    const Body = createReadStream(file, { highWaterMark: 1024 ** 2 });
    await new Upload({
      client,
      params: { Bucket: bucket, Key: 'sdk', Body },
      partSize,
      queueSize: concurrency,
    }).done();
    return objectSize;
  },
  async down() {
    const { ContentLength, ETag } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'object' }));
    const bytes = new Uint8Array(ContentLength);
    let next = 0;
    const worker = async () => {
      while (next < ContentLength) {
        const start = next;
        next += partSize;
        const Range = `bytes=${start}-${Math.min(start + partSize, ContentLength) - 1}`;
        const part = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'object', Range, IfMatch: ETag }));
        bytes.set(await part.Body.transformToByteArray(), start);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return bytes.length;
  },
  async 'streamed down'() {
    let length = 0;
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'object' }));
    for await (const chunk of Body) length += chunk.length;
    return length;
  },
};

console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const size = await tasks[task === 'resumable up' ? 'up' : task]();
  if (size !== objectSize) throw new Error(`Expected ${objectSize} bytes but received ${size}`);
  const seconds = (performance.now() - start) / 1000;
  if (task.endsWith('up')) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'sdk' }));
  console.log(JSON.stringify({ value: size / 1e6 / seconds }));
}
