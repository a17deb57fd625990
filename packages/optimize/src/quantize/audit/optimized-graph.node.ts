// What a runtime of Node makes of a model before it runs it: onnxruntime writes that into a file.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Graph, type Model, type Runtime, readModel, writeModel } from '@percept/onnx';

/** The graph that a runtime runs for a model, its kernels being those of the CPU. */
export async function optimizedGraph(model: Model, runtime: Runtime): Promise<Graph> {
  const folder = await mkdtemp(join(tmpdir(), 'percept-optimized-'));
  try {
    const optimizedModelPath = join(folder, 'model.onnx');
    // The last level would turn to other layouts, where nodes lose their names; integer kernels are chosen before it.
    const session = await runtime.createSession(writeModel(model), {
      optimizedModelPath,
      graphOptimization: 'extended',
    });
    await session.close();
    return readModel(await readFile(optimizedModelPath)).graph;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
