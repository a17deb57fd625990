// Real photographs through the whole package: a folder of test data, named by PERCEPT_DATA, which is not part of the
// project.
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { torchvisionPreset } from '@percept/image';
import { fsStorage } from '@percept/storage/backends/fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitDatasetVersion, openDatasetVersion } from './dataset-version.js';
import { imageFolder } from './image-folder.js';
import { createLoader } from './loader.js';
import { packShards } from './pack-shards.js';
import { splitSource } from './split-source.js';
import { readTar } from './tar-read.js';
import { validateSource } from './validate-source.js';

const archive = join(process.env.PERCEPT_DATA ?? '', 'cats-vs-dogs/cats-vs-dogs-224.tar');

describe.skipIf(!existsSync(archive))('photographs (needs PERCEPT_DATA, a folder of test data)', () => {
  const perClass = 30;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'percept-photos-'));
    const counts = { cat: 0, dog: 0 };
    for await (const { name, data } of readTar(createReadStream(archive))) {
      const found = /\/test\/((cat|dog)\/.*\.jpg)$/.exec(name);
      if (found === null || counts[found[2] as 'cat' | 'dog']++ >= perClass) continue;
      const path = join(folder, 'photos', found[1]!);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, data);
    }
    await writeFile(join(folder, 'photos/dog/dog.0.jpg'), 'a text that says it is a photograph');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('go from a folder to batches', async () => {
    const { valid, report } = await validateSource(await imageFolder(join(folder, 'photos')));
    expect(report.classCounts).toEqual({ cat: perClass, dog: perClass });
    expect(report.skipped).toMatchObject([{ key: 'dog/dog.0', code: 'IMAGE_UNKNOWN_FORMAT' }]);
    const { train, test } = splitSource(valid, { test: 0.2, seed: 1 });
    const storage = fsStorage(join(folder, 'store'));
    const packed = { train: await packShards(train, storage, { prefix: 'train', maxBytes: 300_000 }) };
    expect(packed.train.shards.length).toBeGreaterThan(1);
    const splits = { train: packed.train.shards, test: (await packShards(test, storage, { prefix: 'test' })).shards };
    const { id } = await commitDatasetVersion(storage, { name: 'pets', classes: valid.classes, splits });
    const source = await (await openDatasetVersion(storage, id)).split('train');
    expect(source.keys).toEqual(train.keys);
    expect(await source.read(17)).toEqual(await train.read(17));

    const loader = createLoader({ source, batchSize: 16, shuffle: true, seed: 4, preprocess: torchvisionPreset() });
    const labels: bigint[] = [];
    for await (const batch of loader.batches({ epoch: 0 })) {
      expect(batch.inputs.dims).toEqual([batch.keys.length, 3, 224, 224]);
      expect(batch.keys.every((key, at) => key.startsWith(batch.labels.data[at] === 0n ? 'cat/' : 'dog/'))).toBe(true);
      labels.push(...(batch.labels.data as BigInt64Array));
    }
    expect(labels).toHaveLength(48);
  });
});
