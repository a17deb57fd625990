import { tensor } from '@percept/core';
import { GraphBuilder, writeModel } from '@percept/onnx';

/** Channels of the four stages of a ResNet-50, and the blocks of each. */
const stages = [
  [64, 3],
  [128, 4],
  [256, 6],
  [512, 3],
] as const;

/** A network with the layers and the weights of ResNet-50 (He et al. 2015): 25.6 million floats, 102 MB, as a file. */
export function resnet50(): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('resnet50');
  let count = 0;
  const weight = (...dims: number[]): string => {
    const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
    for (let index = 0; index < data.length; index++) data[index] = ((index * 2654435761) >>> 8) / 2 ** 24 - 0.5;
    return graph.initializer(`weight_${count++}`, tensor('float32', dims, data));
  };
  const conv = (x: string, from: number, to: number, kernel: number, stride = 1): string =>
    graph.node('Conv', [x, weight(to, from, kernel, kernel), weight(to)], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [kernel >> 1, kernel >> 1, kernel >> 1, kernel >> 1],
    });
  let x = graph.input('image', 'float32', ['N', 3, 224, 224]);
  x = graph.node('Relu', [conv(x, 3, 64, 7, 2)]);
  x = graph.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  for (const [width, blocks] of stages) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && width > 64 ? 2 : 1;
      const shortcut = block === 0 ? conv(x, channels, 4 * width, 1, stride) : x;
      let y = graph.node('Relu', [conv(x, channels, width, 1)]);
      y = graph.node('Relu', [conv(y, width, width, 3, stride)]);
      x = graph.node('Relu', [graph.node('Add', [conv(y, width, 4 * width, 1), shortcut])]);
      channels = 4 * width;
    }
  }
  x = graph.node('Flatten', [graph.node('GlobalAveragePool', [x])]);
  graph.output(graph.node('Gemm', [x, weight(1000, channels), weight(1000)], { transB: 1 }), 'float32', ['N', 1000]);
  return writeModel(graph.build());
}
