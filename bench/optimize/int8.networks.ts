// The networks that int8 is measured on, with random weights: the time that a kernel takes does not depend on them.
import type { Model } from '@percept/onnx';
import { efficientnetB0, mobilenetV2, mobilenetV3Large, resnet18, resnet50, squeezenet, vitTiny } from '@percept/train';

/** A network and the speed-up over float that it should reach; found on a CPU with VNNI. */
export interface MeasuredNetwork {
  readonly model: () => Model;
  readonly floor: number;
}

const size = 224;
const classes = 1000;

/** Height and width of the images. */
export const imageSize = size;

/** By the name that rows begin with. */
export const networks: Readonly<Record<string, MeasuredNetwork>> = {
  resnet18: { model: () => resnet18({ classes, size }), floor: 2.5 },
  resnet50: { model: () => resnet50({ classes, size }), floor: 2.8 },
  mobilenetv2: { model: () => mobilenetV2({ classes, size }), floor: 1.8 },
  mobilenetv3: { model: () => mobilenetV3Large({ classes, size }), floor: 1.2 },
  efficientnet: { model: () => efficientnetB0({ classes, size }), floor: 1.4 },
  squeezenet: { model: () => squeezenet({ classes, size }), floor: 1.6 },
  vit: { model: () => vitTiny({ classes, size }), floor: 1.3 },
};
