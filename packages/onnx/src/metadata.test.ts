import type { PreprocessSpec } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.js';
import { type PerceptMetadata, readMetadata, withMetadata } from './metadata.js';
import { readModel } from './read-model.js';
import { writeModel } from './write-model.js';

const distribution = {
  count: 2,
  mean: 0.5,
  standardDeviation: 0.1,
  edges: [0.5],
  shares: [0.5, 0.5],
  quantiles: [0, 1],
};
const preprocess: PreprocessSpec = {
  color: 'rgb',
  resize: { mode: 'letterbox', width: 224, height: 224, padValue: 114, filter: 'area' },
  crop: { width: 200, height: 200 },
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
const metadata: PerceptMetadata = {
  labels: ['shoe', 'größe'],
  preprocess,
  lineage: { runId: 'r1', datasetVersion: 'sha256:00', seed: 7, createdAt: '2026-01-01T00:00:00Z' },
  profile: { version: 1, images: 2, properties: { brightness: distribution }, scores: { shoe: distribution } },
  calibration: { method: 'min-max', images: 2, ranges: { input: [-1, 1] } },
};
const empty = new GraphBuilder('empty').build({ metadata: { author: 'someone' } });

describe('metadata', () => {
  it('travels inside the file, beside that of others', () => {
    const model = readModel(writeModel(withMetadata(empty, metadata)));
    expect(readMetadata(model)).toEqual(metadata);
    expect(model.metadata.author).toBe('someone');
    expect(JSON.parse(model.metadata['percept.labels']!)).toEqual({ schema: 1, value: ['shoe', 'größe'] });
    expect(empty.metadata).toEqual({ author: 'someone' });
  });

  it('is empty for foreign models, whatever they say elsewhere', () => {
    expect(readMetadata({ ...empty, metadata: { 'percept.other': '{', labels: 'a,b' } })).toEqual({});
  });

  it('replaces the fields given and leaves the others', () => {
    const model = withMetadata(withMetadata(empty, metadata), { labels: ['a'] });
    expect(readMetadata(model)).toEqual({ ...metadata, labels: ['a'] });
  });

  it('keeps fields that a later version added', () => {
    const model = withMetadata(empty, { lineage: { runId: 'r1', farm: 'north' } as never });
    expect(readMetadata(model).lineage).toEqual({ runId: 'r1', farm: 'north' });
  });

  it.each([
    ['no JSON', '{'],
    ['no envelope', '["a"]'],
    ['another type', '{"schema":1,"value":[1]}'],
    ['no value', '{"schema":1}'],
  ])('refuses %s under its own key', (_, text) => {
    expect(() => readMetadata({ ...empty, metadata: { 'percept.labels': text } })).toThrow(
      expect.objectContaining({ name: 'PerceptError', code: 'ONNX_METADATA_INVALID' }),
    );
  });

  it('refuses a newer schema', () => {
    expect(() => readMetadata({ ...empty, metadata: { 'percept.labels': '{"schema":2,"value":{}}' } })).toThrow(
      expect.objectContaining({ code: 'ONNX_METADATA_UNSUPPORTED' }),
    );
  });

  it.each([
    { labels: 'a' },
    { preprocess: { ...preprocess, scale: Number.NaN } },
    { preprocess: { ...preprocess, resize: { mode: 'exact', width: 0, height: 1 } } },
    { calibration: { method: 'min-max', images: 1, ranges: { x: [0] } } },
  ])('does not write %o', (bad) => {
    expect(() => withMetadata(empty, bad as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
