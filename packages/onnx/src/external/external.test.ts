import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from '@percept/core';
import { fsStorage } from '@percept/storage/backends/fs';
import { httpStorage } from '@percept/storage/backends/http';
import { memoryStorage } from '@percept/storage/backends/memory';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder.js';
import type { Model } from '../model.js';
import { isExternal } from '../model-tensors.js';
import { readModel } from '../read-model.js';
import { writeModel } from '../write-model.js';
import { externalKey } from './location.js';
import { loadExternalData, openModel } from './open-model.js';
import {
  type ExternalTensor,
  externalTensors,
  readExternalData,
  streamExternalData,
  verifyExternalData,
} from './read.js';
import { saveModel } from './save-model.js';
import { Sha1 } from './sha1.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/onnx/external-data.json', import.meta.url), 'utf8'),
) as { model: string; weights: string };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'percept-external-'));
  await writeFile(join(folder, 'model.onnx'), Buffer.from(golden.model, 'base64'));
  await writeFile(join(folder, 'weights.bin'), Buffer.from(golden.weights, 'base64'));
});
afterAll(() => rm(folder, { recursive: true }));

const a = Float32Array.from({ length: 2048 }, (_, index) => index);
const b = Int16Array.from({ length: 2048 }, (_, index) => index - 1024);

function external(model: Model, name: string): ExternalTensor {
  return model.graph.rawInitializers!.get(name) as ExternalTensor;
}

describe('a model whose weights lie in another file', () => {
  it('is opened without reading them, and they are read by range', async () => {
    const model = await openModel(fsStorage(folder), 'model.onnx');
    expect([...model.graph.initializers.keys()]).toEqual(['small']);
    expect([...model.graph.rawInitializers!.values()].every(isExternal)).toBe(true);
    expect(await readExternalData(external(model, 'a'))).toEqual({ type: 'float32', dims: [32, 64], data: a });
    expect(await readExternalData(external(model, 'b'))).toEqual({ type: 'int16', dims: [2048], data: b });
  });

  it('is written again with the same bytes', async () => {
    const model = await openModel(fsStorage(folder), 'model.onnx');
    expect(Buffer.compare(writeModel(model), await readFile(join(folder, 'model.onnx')))).toBe(0);
  });

  it('is loaded whole, attributes too, and then is one file', async () => {
    const steps: number[] = [];
    const model = await loadExternalData(await openModel(fsStorage(folder), 'model.onnx'), {
      onProgress: ({ done }) => steps.push(done),
    });
    expect(steps).toEqual([0, 1, 2]);
    const { graph } = readModel(writeModel(model));
    expect([...graph.initializers.keys()]).toEqual(['a', 'b', 'small']);
    expect(graph.rawInitializers).toBeUndefined();
    expect(graph.initializers.get('a')!.data).toEqual(a);
    expect(graph.nodes[1]!.attributes.value).toMatchObject({ type: 'tensor', value: { data: a.map((x) => 2 * x) } });
  });

  it('is edited and saved: new weights beside streamed ones, aligned, with a checksum', async () => {
    const model = await openModel(fsStorage(folder), 'model.onnx');
    const { graph } = model;
    graph.nodes[0]!.name = 'renamed';
    graph.rawInitializers!.delete('b');
    graph.initializers.set(
      'b',
      tensor(
        'int16',
        [2048],
        b.map((x) => -x),
      ),
    );
    const storage = memoryStorage();
    const saved = await saveModel(model, storage, 'deep/edited.onnx', {
      minExternalBytes: 1024,
      alignment: 64,
      checksum: true,
    });
    expect(saved).toMatchObject({ externalKey: 'deep/edited.onnx.data', externalBytes: 3 * 4096 + 4096 + 4096 });

    const again = await openModel(storage, 'deep/edited.onnx');
    expect(again.graph.nodes[0]!.name).toBe('renamed');
    const weights = await storage.read('deep/edited.onnx.data');
    const checksum = createHash('sha1').update(weights).digest('hex');
    for (const { raw } of externalTensors(again)) {
      expect(raw.offset! % 64).toBe(0);
      expect(raw.checksum).toBe(checksum);
    }
    expect(await verifyExternalData(again)).toEqual(['deep/edited.onnx.data']);
    expect(await readExternalData(external(again, 'a'))).toMatchObject({ data: a });
    expect(await readExternalData(external(again, 'b'))).toMatchObject({ data: b.map((x) => -x) });

    weights[5]! ^= 1;
    await storage.write('deep/edited.onnx.data', weights);
    await expect(verifyExternalData(await openModel(storage, 'deep/edited.onnx'))).rejects.toMatchObject({
      code: 'ONNX_EXTERNAL_DATA_INVALID',
    });
  });

  it('keeps the order of its initializers when some move to the file of weights', async () => {
    const builder = new GraphBuilder('order');
    for (const [name, size] of [
      ['one', 1],
      ['big', 100],
      ['two', 1],
      ['large', 200],
    ] as const) {
      builder.initializer(name, tensor('float32', [size]));
    }
    const storage = memoryStorage();
    await saveModel(builder.build(), storage, 'm.onnx', { minExternalBytes: 100 });
    const opened = await openModel(storage, 'm.onnx');
    expect([...opened.graph.rawInitializers!.keys()]).toEqual(['big', 'large']);
    const whole = await loadExternalData(opened);
    expect([...whole.graph.initializers.keys()]).toEqual(['one', 'big', 'two', 'large']);
    expect([...readModel(writeModel(whole)).graph.initializers.keys()]).toEqual(['one', 'big', 'two', 'large']);
  });

  it('stores shared weights once', async () => {
    const builder = new GraphBuilder('tied');
    const data = new Float32Array(1000);
    builder.initializer('embed', tensor('float32', [10, 100], data));
    builder.initializer('head', tensor('float32', [100, 10], data));
    const storage = memoryStorage();
    const { externalBytes } = await saveModel(builder.build(), storage, 'm.onnx', { minExternalBytes: 1 });
    expect(externalBytes).toBe(4000);
    const copy = await saveModel(await openModel(storage, 'm.onnx'), storage, 'copy.onnx');
    expect(copy.externalBytes).toBe(4000);
  });

  it('is not saved over the file that its weights are read from', async () => {
    const storage = fsStorage(folder);
    const model = await openModel(storage, 'model.onnx');
    await expect(saveModel(model, storage, 'model.onnx', { location: 'weights.bin' })).rejects.toMatchObject({
      code: 'ONNX_EXTERNAL_DATA_LOCATION',
    });
    await expect(saveModel(model, storage, 'x', { location: 'x' })).rejects.toMatchObject({
      code: 'ONNX_EXTERNAL_DATA_LOCATION',
    });
  });

  it('is one file when nothing is large', async () => {
    const storage = memoryStorage();
    const builder = new GraphBuilder('small');
    builder.initializer('w', tensor('float32', [2]));
    expect(await saveModel(builder.build(), storage, 'm.onnx')).toMatchObject({ externalBytes: 0 });
    expect(readModel(await storage.read('m.onnx')).graph.initializers.has('w')).toBe(true);
  });

  it('stops when it is told to', async () => {
    const storage = memoryStorage();
    const model = await openModel(fsStorage(folder), 'model.onnx');
    const signal = AbortSignal.abort();
    await expect(saveModel(model, storage, 'm.onnx', { signal })).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(readExternalData(external(model, 'a'), { signal })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await storage.stat('m.onnx')).toBeUndefined();
  });

  it('is refused where the file is too short, or its length is not that of the shape', async () => {
    const storage = memoryStorage();
    await storage.write('model.onnx', Buffer.from(golden.model, 'base64'));
    await storage.write('weights.bin', new Uint8Array(10));
    const short = external(await openModel(storage, 'model.onnx'), 'a');
    await expect(readExternalData(short)).rejects.toMatchObject({ code: 'ONNX_EXTERNAL_DATA_INVALID' });
    const wrong = { ...short, raw: { ...short.raw, length: 3 } };
    await expect(readExternalData(wrong)).rejects.toMatchObject({ code: 'ONNX_EXTERNAL_DATA_INVALID' });
  });

  it('is refused before memory is taken for what the file cannot hold', async () => {
    const model = await openModel(fsStorage(folder), 'model.onnx');
    const { raw } = external(model, 'a');
    const claim = (dims: number[], size = raw.source!.size): ExternalTensor => ({
      type: 'float32',
      dims,
      raw: { location: raw.location, source: { ...raw.source!, ...(size !== undefined && { size }) } },
    });
    await expect(readExternalData(claim([1e6, 1e6]))).rejects.toMatchObject({
      code: 'ONNX_EXTERNAL_DATA_INVALID',
      message: expect.stringContaining('Expected 4000000000000 bytes from 0 on in "weights.bin" but received'),
    });
    await expect(readExternalData(claim([1e7, 1e8], Number.MAX_SAFE_INTEGER))).rejects.toMatchObject({
      code: 'ONNX_EXTERNAL_DATA_INVALID',
      message: expect.stringContaining('streamExternalData()'),
    });
  });

  it('of unknown place is refused with what to do', async () => {
    const tensorOnly = external(readModel(Buffer.from(golden.model, 'base64')), 'a');
    await expect(readExternalData(tensorOnly)).rejects.toThrow(/openModel/);
  });
});

describe('over HTTP', () => {
  let server: Server;
  let base: string;
  const ranges: string[] = [];
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const bytes = await readFile(join(folder, request.url!.slice(1)));
      const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
      response.setHeader('accept-ranges', 'bytes');
      response.setHeader('etag', '"1"');
      if (range === null) {
        response.setHeader('content-length', bytes.length);
        response.end(request.method === 'HEAD' ? undefined : bytes);
        return;
      }
      const start = Number(range[1]);
      const part = bytes.subarray(start, range[2] ? Number(range[2]) + 1 : undefined);
      ranges.push(`${request.url} ${start} ${part.length}`);
      const headers = {
        'content-range': `bytes ${start}-${start + part.length - 1}/${bytes.length}`,
        'content-length': part.length,
      };
      response.writeHead(206, headers);
      response.end(part);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('weights are read by range', async () => {
    const model = await openModel(httpStorage(base), 'model.onnx');
    ranges.length = 0;
    const tensorB = external(model, 'b');
    expect(await readExternalData(tensorB)).toMatchObject({ data: b });
    expect(ranges).toEqual([`/weights.bin ${tensorB.raw.offset} 4096`]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of streamExternalData(external(model, 'a'))) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toHaveLength(8192);
  });
});

describe('the location of weights', () => {
  it.each([
    ['weights.bin', 'models/weights.bin'],
    ['./weights.bin', 'models/weights.bin'],
    ['sub/dir//w.bin', 'models/sub/dir/w.bin'],
    ['größe 1..2.bin', 'models/größe 1..2.bin'],
  ])('%s lies beside the model or below', (location, key) => {
    expect(externalKey('models/model.onnx', location)).toBe(key);
  });

  it.each([
    '',
    '.',
    '/',
    '/etc/passwd',
    '../secret',
    'a/../../secret',
    'a/..',
    '..',
    'C:/Windows/x',
    'C:x',
    'a\\..\\b',
    '\\\\host\\share',
    'file:///etc/passwd',
    'https://example.org/w',
    'nul\0',
    'folder/',
  ])('%j is refused', (location) => {
    expect(() => externalKey('models/model.onnx', location)).toThrow(
      expect.objectContaining({ code: 'ONNX_EXTERNAL_DATA_LOCATION' }),
    );
  });

  it('is checked when a model is opened', async () => {
    const storage = memoryStorage();
    const bytes = Buffer.from(golden.model, 'base64').toString('latin1').replaceAll('weights.bin', '../../e.bin');
    await storage.write('model.onnx', Buffer.from(bytes, 'latin1'));
    await expect(openModel(storage, 'model.onnx')).rejects.toMatchObject({ code: 'ONNX_EXTERNAL_DATA_LOCATION' });
  });
});

it('Sha1 is that of node:crypto, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (parts) => {
      const hash = new Sha1();
      for (const part of parts) hash.update(part);
      expect(hash.hex()).toBe(createHash('sha1').update(Buffer.concat(parts)).digest('hex'));
    }),
  );
});
