import type { BatchSource, LongCallOptions } from '@percept/core';
import type { Model, Runtime } from '@percept/onnx';
import { writeModel } from '@percept/onnx';
import { compareModels, quantize, quantizeStatic, toFloat16 } from '@percept/optimize';
import { distill } from '@percept/optimize/distill';
import { pruneChannels } from '@percept/optimize/prune';
import { cosineAnnealingLR, sgd } from '@percept/train';

/** What smaller models are made with. */
export interface Surroundings extends LongCallOptions {
  /** Photos to calibrate on and to learn from. */
  readonly learning: BatchSource;
  /** Photos to judge by. */
  readonly judging: BatchSource;
  readonly runtime: Runtime;
  readonly epochs: number;
}

/** A smaller form of the model, by what was done to it. */
export interface SmallerModel {
  readonly name: string;
  readonly model: Model;
  /** What is worth telling of how it came to be. */
  readonly note: string;
}

/** Four smaller forms of a model, one after the other. */
export async function* smallerModels(given: Model, surroundings: Surroundings): AsyncGenerator<SmallerModel> {
  const { learning, judging, runtime, epochs, signal, onProgress } = surroundings;
  const call = { ...(signal && { signal }), ...(onProgress && { onProgress }) };

  const half = toFloat16(given);
  yield { name: 'float16', model: half.model, note: 'half the bytes; processors compute it no faster' };

  const agreement = async (model: Model): Promise<number> => {
    const models = [{ name: 'candidate', model: writeModel(model) }];
    const once = { latency: { runs: 1, warmUp: 0 }, memory: false };
    const { rows } = await compareModels(models, { data: judging, runtime, ...once, ...call });
    return rows[0]!.accuracy;
  };
  const int8 = await quantize(given, { calibration: learning, runtime, evaluate: agreement, maxDrop: 0.03, ...call });
  yield { name: 'int8', model: int8.model, note: int8.whyFloat ?? `${int8.float.length} layers stayed float` };

  const cut = pruneChannels(given, { target: { macs: 0.7 } });
  const { macs } = cut.record;
  const taught = await distill({
    ...{ teacher: given, student: cut.model, data: learning, runtime, ...call },
    training: {
      epochs,
      optimizer: sgd({ learningRate: 0.005, momentum: 0.9 }),
      schedule: cosineAnnealingLR({ tMax: epochs }),
    },
  });
  const left = `${Math.round((100 * macs.after) / macs.before)} % of the multiply-accumulates are left`;
  yield { name: 'pruned', model: taught.model, note: `${left}, taught for ${epochs} epochs by the model itself` };

  const both = await quantizeStatic(taught.model, { calibration: learning, runtime, ...call });
  yield { name: 'pruned int8', model: both.model, note: `${both.float.length} layers stayed float` };
}
