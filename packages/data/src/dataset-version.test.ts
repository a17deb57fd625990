import type { Correction, Sample } from '@percept/core';
import { decodeImage, encodeImage } from '@percept/image';
import type { Storage } from '@percept/storage';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { applyCorrections } from './apply-corrections.js';
import {
  commitDatasetVersion,
  type DatasetVersion,
  datasetHistory,
  listDatasetVersions,
  openDatasetVersion,
} from './dataset-version.js';
import { canonicalJson } from './digest.js';
import { feedbackStore } from './feedback-store.js';
import { packShards } from './pack-shards.js';
import { memorySource } from './source.js';
import type { SampleSkip } from './validate-source.js';

const classes = ['cat', 'dog'];

function makeSamples(count: number): Sample[] {
  return Array.from({ length: count }, (_, at) => ({
    key: `k${at}`,
    label: at % 2,
    extension: 'png',
    image: new Uint8Array(50).fill(at),
  }));
}

async function commitFirst(storage: Storage): Promise<DatasetVersion> {
  const train = await packShards(memorySource(classes, makeSamples(7)), storage, { prefix: 'train', maxSamples: 3 });
  const test = await packShards(memorySource(classes, makeSamples(2)), storage, { prefix: 'test' });
  return commitDatasetVersion(storage, { name: 'pets', classes, splits: { train: train.shards, test: test.shards } });
}

function gray(value: number): Promise<Uint8Array> {
  return encodeImage({ width: 28, height: 28, channels: 1, data: new Uint8Array(784).fill(value) }, { format: 'png' });
}

async function correction(id: string, value: number, correctLabel: string, time = 1000): Promise<Correction> {
  const model = { name: 'pets', version: 1 };
  return {
    predictionId: id,
    image: await gray(value),
    extension: 'png',
    predictedLabel: 'cat',
    correctLabel,
    model,
    time,
  };
}

describe('dataset versions', () => {
  it('are named by their content, wherever and whenever they are made', async () => {
    const storage = memoryStorage();
    const version = await commitFirst(storage);
    expect(version.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await commitFirst(storage)).toEqual(version);
    expect((await commitFirst(memoryStorage())).id).toBe(version.id);
    const { id: _, ...content } = version;
    const other = await commitDatasetVersion(storage, { ...content, message: 'other' });
    expect(other.id).not.toBe(version.id);
  });

  it('open split by split', async () => {
    const storage = memoryStorage();
    const { id } = await commitFirst(storage);
    const opened = await openDatasetVersion(storage, id);
    const train = await opened.split('train');
    expect(await Promise.all(makeSamples(7).map((_, at) => train.read(at)))).toEqual(makeSamples(7));
    expect((await opened.split('test')).keys).toEqual(['k0', 'k1']);
    await expect(opened.split('toString')).rejects.toMatchObject({ code: 'DATA_SPLIT_NOT_FOUND' });
  });

  it('list parents before children and walk back to the first', async () => {
    const storage = memoryStorage();
    const first = await commitFirst(storage);
    const { id: _, ...content } = first;
    const left = await commitDatasetVersion(storage, { ...content, parents: [first.id], message: 'left' });
    const right = await commitDatasetVersion(storage, { ...content, parents: [first.id], message: 'right' });
    const merged = await commitDatasetVersion(storage, { ...content, parents: [left.id, right.id] });
    expect(await datasetHistory(storage, merged.id)).toEqual([merged, left, right, first]);
    const listed = await listDatasetVersions(storage);
    expect(listed).toHaveLength(4);
    for (const [at, version] of listed.entries()) {
      const before = listed.slice(0, at).map((each) => each.id);
      for (const parent of version.parents) expect(before).toContain(parent);
    }
  });

  it('refuse what is not there, not as described or of other classes', async () => {
    const storage = memoryStorage();
    const { id, ...content } = await commitFirst(storage);
    const shard = content.splits.train![0]!;
    const unknown = `sha256:${'0'.repeat(64)}`;
    const commits: [Parameters<typeof commitDatasetVersion>[1], string][] = [
      [{ ...content, parents: [unknown] }, 'DATA_VERSION_NOT_FOUND'],
      [{ ...content, splits: { train: [{ ...shard, key: 'train/none.tar' }] } }, 'DATA_SHARDS_NOT_FOUND'],
      [{ ...content, splits: { train: [{ ...shard, digest: unknown }] } }, 'DATA_SHARDS_NOT_FOUND'],
      [{ ...content, splits: { train: [{ ...shard, bytes: 5 }] } }, 'DATA_SHARDS_NOT_FOUND'],
      [{ ...content, classes: ['dog', 'cat'] }, 'DATA_CLASSES_DIFFER'],
      [{ ...content, name: '' }, 'INVALID_ARGUMENT'],
    ];
    for (const [changed, code] of commits) {
      await expect(commitDatasetVersion(storage, changed)).rejects.toMatchObject({ code });
    }
    await expect(openDatasetVersion(storage, unknown)).rejects.toMatchObject({ code: 'DATA_VERSION_NOT_FOUND' });
    await expect(openDatasetVersion(storage, '../x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await listDatasetVersions(storage)).toEqual([{ id, ...content }]);
  });

  it('show that a manifest was changed', async () => {
    const storage = memoryStorage();
    const { id, ...content } = await commitFirst(storage);
    const key = `dataset-versions/${id.slice(7)}.json`;
    await storage.write(key, new TextEncoder().encode(canonicalJson({ ...content, message: 'better' })));
    await expect(openDatasetVersion(storage, id)).rejects.toMatchObject({ code: 'DATA_VERSION_INVALID' });
  });
});

describe('feedbackStore', () => {
  it('gives back what was stored, oldest first, once', async () => {
    const store = feedbackStore(memoryStorage());
    const late = await correction('p/1 ü', 10, 'dog', 2000);
    const early = await correction('p/2', 10, 'cat', 5);
    const id = await store.store(late);
    expect(await store.store(late)).toBe(id);
    expect(await store.store(early)).not.toBe(id);
    const listed: Correction[] = [];
    for await (const each of store.list()) listed.push(each);
    expect(listed).toEqual([early, late]);
  });

  it('refuses wrong corrections and names damaged ones', async () => {
    const storage = memoryStorage();
    const store = feedbackStore(storage, { prefix: 'f' });
    const good = await correction('p', 10, 'dog');
    await expect(store.store({ ...good, extension: '../x' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(store.store({ ...good, time: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await storage.write('f/records/x.json', new TextEncoder().encode('{}'));
    const list = async (): Promise<void> => {
      for await (const _ of store.list());
    };
    await expect(list()).rejects.toMatchObject({ code: 'DATA_FEEDBACK_INVALID', details: { key: 'f/records/x.json' } });
  });
});

describe('applyCorrections', () => {
  it('adds the corrected images to a child version, as grey PNG, and is idempotent', async () => {
    const storage = memoryStorage();
    const parent = await commitFirst(storage);
    const corrections = [await correction('p1', 10, 'dog'), await correction('p2', 20, 'cat')];
    const child = await applyCorrections(storage, { parent: parent.id, corrections });
    expect(child.parents).toEqual([parent.id]);
    expect(child.splits.test).toEqual(parent.splits.test);
    expect(child.splits.train!.slice(0, 3)).toEqual(parent.splits.train);
    const reversed = [...corrections].reverse();
    expect(await applyCorrections(storage, { parent: parent.id, corrections: reversed })).toEqual(child);
    expect(await applyCorrections(storage, { parent: child.id, corrections })).toEqual(child);

    const train = await (await openDatasetVersion(storage, child.id)).split('train');
    const added = await train.read(7);
    expect(added).toMatchObject({ key: expect.stringMatching(/^corrections\/p1-/), label: 1, extension: 'png' });
    const image = await decodeImage(added.image, { color: 'source' });
    expect(image).toEqual({ width: 28, height: 28, channels: 1, data: new Uint8Array(784).fill(10) });
    expect(await datasetHistory(storage, child.id)).toEqual([child, parent]);
  });

  it('takes the latest correction of a prediction', async () => {
    const storage = memoryStorage();
    const parent = await commitFirst(storage);
    const corrections = [await correction('p', 10, 'cat', 2), await correction('p', 10, 'dog', 1)];
    const child = await applyCorrections(storage, { parent: parent.id, corrections });
    const train = await (await openDatasetVersion(storage, child.id)).split('train');
    expect(train.labels.slice(7)).toEqual([0]);
  });

  it('reports what cannot be decoded, and is the parent when nothing is left', async () => {
    const storage = memoryStorage();
    const parent = await commitFirst(storage);
    const broken = { ...(await correction('bad', 1, 'dog')), image: new TextEncoder().encode('not an image') };
    const skipped: SampleSkip[] = [];
    const options = { parent: parent.id, corrections: [broken], onSkip: (skip: SampleSkip) => skipped.push(skip) };
    expect(await applyCorrections(storage, options)).toEqual(parent);
    expect(skipped).toEqual([{ key: 'bad', code: 'IMAGE_UNKNOWN_FORMAT', reason: expect.any(String) }]);
  });

  it('refuses a label that the dataset does not have', async () => {
    const storage = memoryStorage();
    const parent = await commitFirst(storage);
    const corrections = [await correction('p', 1, 'bird')];
    await expect(applyCorrections(storage, { parent: parent.id, corrections })).rejects.toMatchObject({
      code: 'DATA_UNKNOWN_CLASS',
      message: expect.stringMatching(/cat, dog .* "bird"/),
    });
  });
});
