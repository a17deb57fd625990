import type { PreprocessSpec, Sample } from '@percept/core';
import { createLoader, type IndexedSource, memorySource } from '@percept/data';
import type { Model, Runtime } from '@percept/onnx';
import { readMetadata, writeModel } from '@percept/onnx';

/** The photos with the model's own answers as labels: what its smaller forms are to say, too. */
export async function answered(
  model: Model,
  photos: IndexedSource,
  { preprocess, runtime, signal }: { preprocess: PreprocessSpec; runtime: Runtime; signal: AbortSignal },
): Promise<IndexedSource> {
  await using session = await runtime.createSession(writeModel(model));
  const [input, output] = [session.inputs[0]!.name, session.outputs[0]!.name];
  const answers: number[] = [];
  let classes = 0;
  for await (const { inputs } of createLoader({ source: photos, preprocess, batchSize: 16 }).batches({
    epoch: 0,
    signal,
  })) {
    const scores = (await session.run({ [input]: inputs }))[output]!;
    const rows = inputs.dims[0]!;
    classes = scores.data.length / rows;
    for (let row = 0; row < rows; row++) {
      const values = (scores.data as Float32Array).subarray(row * classes, (row + 1) * classes);
      answers.push(values.indexOf(Math.max(...values)));
    }
  }
  const names = readMetadata(model).labels ?? Array.from({ length: classes }, (_, index) => `class ${index}`);
  const samples = await Promise.all(
    answers.map(async (label, index): Promise<Sample> => ({ ...(await photos.read(index)), label })),
  );
  return memorySource(names, samples);
}
