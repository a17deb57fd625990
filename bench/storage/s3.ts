// 1 GiB up to a real S3 server on this machine and down again: @percept/storage beside the AWS SDK. Then an upload that is
// killed half-way and goes on in another process.
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { s3Storage } from '@percept/storage/backends/s3';
import { resumeKilledUpload } from '../../test/integration/services/killed-upload.js';
import { startS3Server } from '../../test/integration/services/s3-server.js';
import { interleave, startContestant } from '../harness/contestant.js';
import { higherIsBetter, printResult, type Row } from '../harness/result.js';
import { concurrency, type Job, objectSize, partSize } from './s3.shape.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const rounds = 7;
const server = await startS3Server();
if (typeof server === 'string') {
  console.log(`No S3 server: ${server}`);
  process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), 'percept-bench-'));
try {
  const file = join(folder, 'object');
  const sha256 = await writeRandom(file);
  const bucket = 'bench';
  await server.createBucket(bucket);
  const { credentials } = server;
  const endpoint = `http://127.0.0.1:${server.port}`;
  const place = { endpoint, bucket, credentials, file };
  const storage = s3Storage({ bucket, credentials, endpoint, partSize, concurrency });
  await storage.write('object', createReadStream(file));

  const rows: Row[] = [];
  for (const task of ['up', 'resumable up', 'down', 'streamed down'] as const) rows.push(await measure(place, task));
  await storage.delete('object');

  const resumed = await resumeKilledUpload({ ...place, key: 'killed', killAfter: objectSize / 2 });
  const found = createHash('sha256');
  for await (const chunk of storage.readStream('killed')) found.update(chunk);
  const verified = found.digest('hex') === sha256;
  console.log(
    `Killed by SIGKILL after ${mebibytes(resumed.sentBefore)} MiB, gone on in another process with ${mebibytes(resumed.sentAfter)} of ${mebibytes(objectSize)} MiB: SHA-256 ${verified ? 'verified' : 'WRONG'}`,
  );
  if (!verified) process.exitCode = 1;
  printResult(`storage/s3 (${server.name})`, rows);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(place: Omit<Job, 'task'>, task: Job['task']): Promise<Row> {
  const job = JSON.stringify({ ...place, task, objectSize, partSize, concurrency });
  const ours = await startContestant('ours', process.execPath, ['--import', 'tsx', here('s3.ours.ts'), job]);
  if (typeof ours === 'string') throw new Error(ours);
  const sdk = existsSync(here('../node_modules/@aws-sdk/lib-storage'))
    ? await startContestant('sdk', process.execPath, [here('s3.sdk.mjs'), job])
    : 'The AWS SDK is absent; install it with: node bench/peers/create.mjs npm';
  if (typeof sdk === 'string') console.log(sdk);
  const present = typeof sdk === 'string' ? [ours] : [ours, sdk];
  const figures = await interleave(present, rounds);
  for (const contestant of present) contestant.close();
  return higherIsBetter(`1 GiB ${task}`, figures.get('ours')!, figures.get('sdk') ?? null, 'MB/s', 0.9);
}

/** Fills the file with bytes that nothing can compress; their SHA-256. */
async function writeRandom(path: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, 'w');
  for (let written = 0; written < objectSize; written += 64 * 1024 ** 2) {
    const chunk = randomFillSync(new Uint8Array(64 * 1024 ** 2));
    hash.update(chunk);
    await handle.write(chunk);
  }
  await handle.close();
  return hash.digest('hex');
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
