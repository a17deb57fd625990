import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openObject, openStorage } from './open-storage.js';

const withCode = (code: string) => expect.objectContaining({ code });

describe('openStorage', () => {
  it.each([
    ['memory:', 'memory'],
    ['http://host/files', 'http://host/files/'],
    ['https://host/files/?key=1', 'https://host/files/'],
    ['s3://bucket/a/b%20c/', 's3://bucket/a/b c/'],
    ['s3://bucket', 's3://bucket/'],
    ['gs://bucket/a', 'gs://bucket/a/'],
    ['hf://owner/repo', 'hf://owner/repo@main/'],
    ['hf://owner/repo@v1.0/sub/folder', 'hf://owner/repo@v1.0/sub/folder/'],
    ['hf://datasets/owner/repo@refs/pr/7/data', 'hf://datasets/owner/repo@refs/pr/7/data/'],
    ['hf://spaces/owner/repo@feature%2Fx', 'hf://spaces/owner/repo@feature/x/'],
    ['opfs:/models', 'opfs:/models'],
    ['file:///data/with%20space', 'fs:/data/with space'],
    ['/data/percent%20', 'fs:/data/percent%20'],
    ['./relative', `fs:${join(process.cwd(), 'relative')}`],
  ])('opens %s', async (url, description) => {
    expect((await openStorage(url)).description).toBe(description);
  });

  it('hands each scheme its options', async () => {
    const options = { s3: { endpoint: 'http://127.0.0.1:9', credentials: 'anonymous' as const } };
    expect((await openStorage('s3://bucket/x', options)).description).toBe('s3://bucket/x/ at http://127.0.0.1:9');
    await expect(openStorage('s3://bucket', { s3: { partSize: 1 } })).rejects.toThrow(withCode('INVALID_ARGUMENT'));
  });

  it('keeps what it is given in files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'percept-open-'));
    await (await openStorage(folder)).write('a/b', Uint8Array.of(1));
    const { storage, key } = await openObject(pathToFileURL(join(folder, 'a', 'b')));
    expect([key, await storage.read(key)]).toEqual(['b', Uint8Array.of(1)]);
    await rm(folder, { recursive: true });
  });

  it('lists the schemes that it knows, and keeps secrets out of its messages', async () => {
    const failure = openStorage('ftp://user:secret@host/a?token=secret');
    await expect(failure).rejects.toMatchObject({
      code: 'STORAGE_UNKNOWN_SCHEME',
      message: expect.stringMatching(/memory: http: https: s3: gs: hf: opfs: file: /),
    });
    await expect(failure).rejects.not.toThrow(/secret/);
  });

  it.each([
    's3://b/a#1/c',
    's3://b/a?x=secret',
    's3://key:secret@b/a',
    'gs://b/a#1',
    'opfs:/a?b',
    'file:///tmp/a#1',
    'memory:#1',
  ])('drops nothing of %s without a word', async (url) => {
    await expect(openStorage(url)).rejects.toThrow(withCode('INVALID_ARGUMENT'));
    await expect(openStorage(url)).rejects.not.toThrow(/secret/);
  });

  it.each(['', 3, undefined, 's3://', 'hf://gpt2', 's3://b/%ff', 'file://host/a', 'gs://b/../..//x\\y'])(
    'refuses %j',
    async (url) => {
      await expect(openStorage(url as string)).rejects.toMatchObject({
        code: expect.stringMatching(/^(INVALID_ARGUMENT|STORAGE_INVALID_KEY)$/),
      });
    },
  );
});

describe('openObject', () => {
  it.each([
    ['s3://bucket/models/a%20b.onnx', 's3://bucket/models/', 'a b.onnx'],
    ['s3://bucket/a.onnx', 's3://bucket/', 'a.onnx'],
    ['https://host/models/a.onnx?token=x', 'https://host/models/', 'a.onnx'],
    ['hf://owner/repo@main/onnx/model.onnx', 'hf://owner/repo@main/onnx/', 'model.onnx'],
    ['/data/a.onnx', 'fs:/data', 'a.onnx'],
    ['a.onnx', `fs:${process.cwd()}`, 'a.onnx'],
  ])('splits %s', async (url, description, key) => {
    const opened = await openObject(url);
    expect([opened.storage.description, opened.key]).toEqual([description, key]);
  });

  it.each(['s3://bucket/', 's3://bucket', 'memory:', 'https://host/a/'])('refuses %s', async (url) => {
    await expect(openObject(url)).rejects.toThrow(withCode('INVALID_ARGUMENT'));
  });
});
