import { tensor } from '@percept/core';
import { opfsStorage } from '@percept/storage/backends/opfs';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder.js';
import { writeModel } from '../write-model.js';
import { loadModel } from './load-model.js';

const graph = new GraphBuilder('page');
graph.initializer('w', tensor('float32', [1000], new Float32Array(1000).fill(2)));
const bytes = writeModel(graph.build());

/** A server with one model, in place of the network. */
function server() {
  const asked: string[] = [];
  const answer: typeof fetch = async (_, init) => {
    asked.push(init?.method ?? 'GET');
    const headers = { etag: '"1"', 'content-length': String(bytes.length), 'accept-ranges': 'bytes' };
    return new Response(init?.method === 'HEAD' ? null : bytes, { headers });
  };
  return { asked, connect: { http: { fetch: answer } } };
}

it('loadModel keeps a model in the origin private file system, and finds it there offline', async () => {
  const { asked, connect } = server();
  const url = `https://models.example/${crypto.randomUUID()}/model.onnx`;
  const first = await loadModel(url, { connect });
  expect([first.fromCache, first.model.graph.name]).toEqual([false, 'page']);
  asked.length = 0;
  const second = await loadModel(url, { connect, offline: true });
  expect([second.fromCache, second.digest]).toEqual([true, first.digest]);
  expect(asked).toEqual([]);
  const keys: string[] = [];
  for await (const { key } of opfsStorage('percept-models').list()) keys.push(key);
  expect(keys.some((key) => key.endsWith('/files/model.onnx'))).toBe(true);
});

it('loadModel says what to do with a path in a browser', async () => {
  await expect(loadModel('models/m.onnx')).rejects.toMatchObject({ name: 'PerceptError' });
});
