// Editing a model of 3 GB whose weights lie in a file beside it: opened, its nodes renamed, a tenth of its weights
// replaced, its metadata changed, saved under another name with all weights. Prints the memory that this took.
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from '@percept/core';
import { GraphBuilder, writeModel } from '@percept/onnx';
import { type ExternalTensor, openModel, readExternalData, saveModel } from '@percept/onnx/load';
import { fsStorage } from '@percept/storage/backends/fs';
import { printResult } from '../harness/result.js';

const layers = 96;
const width = 2896;
const layerBytes = width * width * 4;

const folder = mkdtempSync(join(tmpdir(), 'percept-external-'));
try {
  const storage = fsStorage(folder);
  await makeModel();
  const total = statSync(join(folder, 'model.weights')).size;
  const before = process.resourceUsage().maxRSS;
  const started = performance.now();

  const model = await openModel(storage, 'model.onnx');
  for (const [index, node] of model.graph.nodes.entries()) node.name = `layer_${index}/${node.opType}`;
  const raw = model.graph.rawInitializers!;
  for (let layer = 0; layer < layers; layer += 10) {
    raw.delete(`w_${layer}`);
    model.graph.initializers.set(`w_${layer}`, tensor('float32', [width, width]));
  }
  model.metadata.edited = 'yes';
  const saved = await saveModel(model, storage, 'edited.onnx', { minExternalBytes: 1024 });

  const seconds = (performance.now() - started) / 1000;
  const extra = (process.resourceUsage().maxRSS - before) / 1024;
  await check();
  console.log(
    `${(total / 1e9).toFixed(2)} GB of weights read, ${(saved.externalBytes / 1e9).toFixed(2)} GB written in ${seconds.toFixed(1)} s`,
  );
  console.log(
    `peak resident memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, of it for the edit ${extra.toFixed(0)} MiB`,
  );
  printResult('onnx/external-data', [
    {
      row: 'edit a model of 3 GB, memory (limit 1024)',
      ours: extra,
      peer: null,
      ratio: null,
      unit: 'MiB',
      floor: null,
    },
  ]);
  process.exitCode = extra < 1024 ? 0 : 1;

  /** The new model has the new weights and the old ones. */
  async function check(): Promise<void> {
    const again = await openModel(storage, 'edited.onnx');
    const value = async (layer: number): Promise<number> => {
      const found = await readExternalData(again.graph.rawInitializers!.get(`w_${layer}`) as ExternalTensor);
      return (found as { data: Float32Array }).data[0]!;
    };
    if ((await value(10)) !== 0 || (await value(layers - 1)) !== layers - 1)
      throw new Error('The edited model is wrong');
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Layers of 33.5 MB in a sparse file; the first number of each is its index. */
async function makeModel(): Promise<void> {
  const file = openSync(join(folder, 'model.weights'), 'w');
  ftruncateSync(file, layers * layerBytes);
  const graph = new GraphBuilder('large');
  let x = graph.input('x', 'float32', ['N', width]);
  for (let layer = 0; layer < layers; layer++) {
    writeSync(file, Float32Array.of(layer), 0, 4, layer * layerBytes);
    x = graph.node('MatMul', [x, graph.initializer(`w_${layer}`, tensor('float32', [0]))]);
  }
  closeSync(file);
  graph.output(x, 'float32', ['N', width]);
  const model = graph.build();
  model.graph.initializers.clear();
  model.graph.rawInitializers = new Map(
    Array.from({ length: layers }, (_, layer) => [
      `w_${layer}`,
      {
        type: 'float32',
        dims: [width, width],
        raw: { location: 'model.weights', offset: layer * layerBytes, length: layerBytes },
      },
    ]),
  );
  await fsStorage(folder).write('model.onnx', writeModel(model));
}
