// The networks that training is measured on beside peers: ours here, PyTorch's in networks.torch.py.
import type { Model } from '@percept/onnx';
import { mobilenetV2, type Optimizer, resnet18, sgd } from '@percept/train';

/** A network with the images that it takes and the optimizer that trains it. */
export interface MeasuredNetwork {
  readonly model: () => Model;
  /** Height and width of the images. */
  readonly size: number;
  readonly channels: number;
  readonly classes: number;
  readonly optimizer: () => Optimizer;
}

const momentum = (): Optimizer => sgd({ learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 });

/** By the name that peers know them by. */
export const networks: Readonly<Record<string, MeasuredNetwork>> = {
  'resnet18-cifar': {
    model: () => resnet18({ classes: 10, size: 32, stem: 'cifar' }),
    ...{ size: 32, channels: 3, classes: 10, optimizer: momentum },
  },
  mobilenetv2: {
    model: () => mobilenetV2({ classes: 1000, dropout: 0 }),
    ...{ size: 224, channels: 3, classes: 1000, optimizer: momentum },
  },
};
