import { readModel, withMetadata, writeModel } from '@percept/onnx';
import { mobilenetV2, smallCnn } from '@percept/train';
import { describe, expect, it } from 'vitest';
import { PlainError } from './plain-error.js';
import { openWeights, pretrainedStart, untaughtStart } from './starting-point.js';

const weights = writeModel(mobilenetV2({ classes: 10, size: 32 }));

describe('what learning begins with', () => {
  it('is a pretrained network whose last layer alone is taught', () => {
    const { model, preprocess, freezing } = pretrainedStart(weights, 3, 'imagenet');
    expect(model.graph.outputs[0]!.dims).toEqual(['N', 3]);
    expect(freezing!.trained).toEqual(['classifier.1.weight', 'classifier.1.bias']);
    expect(preprocess).toMatchObject({ resize: { mode: 'shorter-side', size: 32 }, crop: { width: 32, height: 32 } });
    expect(preprocess.mean).toEqual([0.485, 0.456, 0.406]);
    expect(openWeights(weights, 'minus-one-to-one').preprocess).toMatchObject({ scale: 1 / 127.5, mean: [1, 1, 1] });
  });

  it('keeps to what the file says of its pictures', () => {
    const preprocess = { color: 'bgr', scale: 1, mean: [1, 2, 3], std: [1, 1, 1] } as const;
    const told = writeModel(withMetadata(readModel(weights), { preprocess: { ...preprocess, mean: [1, 2, 3] } }));
    expect(openWeights(told, 'imagenet').preprocess).toEqual(preprocess);
  });

  it('may be a small network of which everything is taught', () => {
    const { model, freezing } = untaughtStart(2);
    expect(model.graph.outputs[0]!.dims).toEqual(['N', 2]);
    expect(freezing).toBeUndefined();
  });

  it('is refused in words when it is no classifier of colour pictures', () => {
    expect(() => openWeights(new TextEncoder().encode('Dear Sir'), 'imagenet')).toThrow(PlainError);
    expect(() => openWeights(writeModel(smallCnn({ classes: 2 })), 'imagenet')).toThrow('1 × 28 × 28');
  });
});
