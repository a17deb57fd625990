import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensor } from '@percept/core';
import { GraphBuilder, writeModel } from '@percept/onnx';

/** A model to time. */
export interface GpuModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Channels, height and width of its one input. */
  readonly shape: readonly number[];
}

/** The published networks of PERCEPT_DATA, or residual networks of the same sizes where there are none. */
export function gpuModels(): GpuModel[] {
  const data = process.env.PERCEPT_DATA ?? '';
  const published = (path: string) => join(data, 'models', path);
  const mobilenet = published('imagenet/mobilenetv2_1.0_224_fp32.onnx');
  const resnet = published('cifar10/cifar10_resnet20.onnx');
  return [
    existsSync(mobilenet)
      ? { name: 'mobilenetv2', bytes: readFileSync(mobilenet), shape: [3, 224, 224] }
      : { name: 'residual net at 224', bytes: residualNet(8, 64, 224), shape: [3, 224, 224] },
    existsSync(resnet)
      ? { name: 'cifar resnet20', bytes: readFileSync(resnet), shape: [3, 32, 32] }
      : { name: 'residual net at 32', bytes: residualNet(9, 32, 32), shape: [3, 32, 32] },
  ];
}

/** `x` float32 [N, 3, side, side] → a stem of stride 2, `blocks` of two 3×3 convolutions, mean, 10 logits `y`. */
function residualNet(blocks: number, channels: number, side: number): Uint8Array {
  const graph = new GraphBuilder('residual');
  let made = 0;
  const weights = (...dims: number[]): string => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const fanIn = count / dims[0]!;
    // Any fixed numbers of the right size do.
    const values = Float32Array.from(
      { length: count },
      (_, at) => (((at * 0.618034) % 1) - 0.5) * Math.sqrt(6 / fanIn),
    );
    return graph.initializer(`w${made++}`, tensor('float32', dims, values));
  };
  const convolve = (value: string, from: number, stride: number) =>
    graph.node('Conv', [value, weights(channels, from, 3, 3)], { pads: [1, 1, 1, 1], strides: [stride, stride] });
  let value = graph.node('Relu', [convolve(graph.input('x', 'float32', ['N', 3, side, side]), 3, 2)]);
  for (let block = 0; block < blocks; block++) {
    const inner = convolve(graph.node('Relu', [convolve(value, channels, 1)]), channels, 1);
    value = graph.node('Relu', [graph.node('Add', [inner, value])]);
  }
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])]);
  graph.output(graph.node('MatMul', [pooled, weights(channels, 10)], {}, { outputs: ['y'] }), 'float32', ['N', 10]);
  return writeModel(graph.build());
}
