// Uploads a file and prints, after each answered part, how many bytes it has sent itself.
import { basename, dirname } from 'node:path';
import { objectSource } from '@percept/storage';
import { fsStorage } from '@percept/storage/backends/fs';
import { s3Storage } from '@percept/storage/backends/s3';
import type { KilledUpload } from './killed-upload.js';

const { endpoint, bucket, credentials, key, file } = JSON.parse(process.argv[2]!) as KilledUpload;
let sent = 0;
const counting: typeof fetch = async (url, init) => {
  const response = await fetch(url, init);
  const { body } = init ?? {};
  if (response.ok && init?.method === 'PUT' && body instanceof Uint8Array) {
    sent += body.length;
    console.log(sent);
  }
  return response;
};
const storage = s3Storage({ bucket, credentials, endpoint, fetch: counting });
await storage.resumeWrite(key, await objectSource(fsStorage(dirname(file)), basename(file)));
