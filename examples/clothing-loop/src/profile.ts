import { type LongCallOptions, type ReferenceProfile, type SampleSource, throwIfAborted } from '@percept/core';
import { profileBuilder } from '@percept/monitor';
import { type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { createPredictor } from '@percept/serve';

/** Images asked at a time; the predictor makes batches of them. */
const concurrency = 16;

/**
 * Profiles a model by serving it the pictures: what the monitor will see in service is measured through the very same
 * predictor here, so the reference cannot be skewed against it.
 */
export async function profileModel(
  model: Model,
  pictures: SampleSource,
  { signal, onProgress }: LongCallOptions,
): Promise<ReferenceProfile> {
  const builder = profileBuilder({ labels: pictures.classes });
  const predictor = createPredictor({
    model: { bytes: writeModel(model) },
    runtime: onnxruntimeNode(),
    observer: { observe: (event) => builder.add(event.image, event.scores), report: async () => Promise.reject() },
  });
  let done = 0;
  let next = 0;
  const ask = async () => {
    while (next < pictures.length) {
      throwIfAborted(signal);
      const { image } = await pictures.read(next++);
      await predictor.predict(image);
      done++;
      onProgress?.({ stage: 'profile', done, total: pictures.length, unit: 'images' });
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, ask));
  } finally {
    await predictor.close();
  }
  return builder.build();
}
