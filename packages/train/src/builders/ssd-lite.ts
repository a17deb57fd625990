// SSDLite: a detector of any classifier that can be cut where its feature maps leave one size for the next.
import { PerceptError, parseOptions } from '@percept/core';
import { cloneModel, type Model, topologicalSort, type ValueInfo } from '@percept/onnx';
import { convertOpset, GraphEditor, inferTypes } from '@percept/onnx/graph';
import * as z from 'zod';
import { type AnchorShapes, defaultBoxShapes } from '../detection/anchors.js';
import { ssdBoxWeights } from '../detection/box-coder.js';
import { type DetectorScores, withDetector } from '../detection/detector.js';
import { notTrainable } from '../models/not-trainable.js';
import { constant, keyedInitialization, normal } from './initialization.js';
import { type ConvLayer, Network, zeros } from './network.js';

/** Options of {@link ssdLite}. */
export interface SsdLiteOptions {
  /** Number of classes of objects, at least 1; background is none of them. */
  classes: number;
  /** A classifier: a builder's, or a stock file through `fromOnnx`. What lies behind its last feature map is dropped. */
  backbone: Model;
  /** Height and width of the image in pixels, or one number for both. Default 320. */
  size?: number | readonly [height: number, width: number];
  /**
   * Strides of the backbone's feature maps that anchors lie on, ascending; of each the last value is taken. Default
   * `[16, 32]`. Small objects need 8.
   */
  strides?: readonly number[];
  /** Names of the feature maps in the backbone, the finest first, instead of `strides`. */
  featureMaps?: readonly string[];
  /** Channels of the feature maps that follow, each half the size of the one before. Default `[512, 256, 256, 128]`. */
  extraChannels?: readonly number[];
  /**
   * Shapes of the anchors of all feature maps, see `defaultBoxShapes` and `fitAnchors`. Default: SSDLite's, aspect ratios
   * 1, 2 and 3 at scales from 0.2 to 0.95.
   */
  anchors?: AnchorShapes;
  /**
   * `softmax`: logits of background and classes, for `ssdLoss`. `sigmoid`: one logit per class, for `retinaLoss`, which
   * begin where every class is 1 % likely. Default `softmax`.
   */
  scores?: DetectorScores;
  /** The same seed gives the same weights, bit for bit. Default 0. */
  seed?: number;
}

const side = z.int().min(8);
const positive = z.number().gt(0);
const schema = z.strictObject({
  classes: z.int().min(1),
  backbone: z.custom<Model>((value) => (value as Model | null)?.graph?.nodes !== undefined, 'a Model'),
  size: z.union([side, z.tuple([side, side])]).optional(),
  strides: z.array(z.int().min(2)).min(1).optional(),
  featureMaps: z.array(z.string().min(1)).min(1).optional(),
  extraChannels: z.array(z.int().min(2)).optional(),
  anchors: z.array(z.array(z.tuple([positive, positive])).min(1)).optional(),
  scores: z.enum(['softmax', 'sigmoid']).optional(),
  seed: z.int().optional(),
});

/** Batch normalization of the new layers, as torchvision's SSDLite has it. */
const norm = { epsilon: 1e-3, momentum: 0.03 };

/** First probability of every class with `scores: 'sigmoid'` (arXiv:1708.02002, section 4.1). */
const prior = 0.01;

/**
 * A single-shot detector with depthwise separable prediction layers: SSDLite of Sandler et al. 2018 (arXiv:1801.04381,
 * section 6.2), whose extra layers and heads are those of `torchvision.models.detection.ssdlite320_mobilenet_v3_large`, on
 * any backbone. The backbone keeps the names of its weights and shares them; new ones are `extras.…` and `heads.…`.
 *
 * @returns a model with the backbone's input `[N, C, height, width]` and output `detections` `[N, anchors, 4 + scores]`:
 *   offsets from the anchor, then logits, of background first with `softmax`. `detectorOf` tells where the anchors lie
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the backbone has no such feature maps; `INVALID_ARGUMENT` for options
 *   out of range, or anchors for another number of feature maps
 */
export function ssdLite(options: SsdLiteOptions): Model {
  const parsed = parseOptions(schema, options, 'ssdLite() options');
  const { classes, size = 320, scores = 'softmax', seed = 0, extraChannels = [512, 256, 256, 128] } = parsed;
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  const backbone = atOpset17(cloneModel(parsed.backbone));
  const input = imageInput(backbone);
  const names = parsed.featureMaps ?? featureMapsAt(backbone, input.name, parsed.strides ?? [16, 32], [height, width]);
  cutBehind(backbone, names);
  const channels = typeof input.dims?.[1] === 'number' ? input.dims[1] : 3;
  const features = sizesOf(backbone, names, input.name, [1, channels, height, width]);

  const net = new Network('ssdLite', keyedInitialization(seed));
  copyInto(net, backbone, input.name, ['N', channels, height, width]);
  const block = (x: string, name: string, layer: ConvLayer): string =>
    net.relu6(
      net.batchNorm(net.conv(x, name, { weight: () => normal(0.03), ...layer }), `${name}.norm`, layer.to, norm),
    );
  for (const [index, to] of extraChannels.entries()) {
    const { value, channels: from, size } = features.at(-1)!;
    const [name, narrow] = [`extras.${index}`, Math.max(1, to >> 1)];
    const squeezed = block(value, `${name}.0`, { from, to: narrow });
    const shrunk = block(squeezed, `${name}.1`, { from: narrow, to: narrow, kernel: 3, stride: 2, groups: narrow });
    const half = size.map((side) => Math.ceil(side / 2)) as [number, number];
    features.push({ value: block(shrunk, `${name}.2`, { from: narrow, to }), channels: to, size: half });
  }

  const shapes = parsed.anchors ?? ssdLiteAnchors(features.length);
  if (shapes.length !== features.length) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected anchors for ${features.length} feature maps (${names.length} of the backbone, ${extraChannels.length} extra) but received them for ${shapes.length}`,
    );
  }
  const columns = scores === 'softmax' ? classes + 1 : classes;
  const levels = features.map(({ value, channels, size }, level) => {
    const perPosition = shapes[level]!.length;
    const predict = (kind: string, each: number, bias: number): string => {
      const name = `heads.${level}.${kind}`;
      const mixed = block(value, `${name}.0`, { from: channels, to: channels, kernel: 3, groups: channels });
      const layer = { from: channels, to: perPosition * each, weight: () => normal(0.03) };
      const planes = net.conv(mixed, `${name}.1`, { ...layer, bias: bias === 0 ? zeros : () => constant(bias) });
      const last = net.g.node('Transpose', [planes], { perm: [0, 2, 3, 1] });
      return net.reshape(last, [-1, size[0] * size[1] * perPosition, each]);
    };
    const unlikely = scores === 'softmax' ? 0 : -Math.log((1 - prior) / prior);
    return net.g.node('Concat', [predict('boxes', 4, 0), predict('classes', columns, unlikely)], { axis: 2 });
  });
  const output = { outputs: ['detections'] };
  const all =
    levels.length === 1
      ? net.g.node('Identity', levels, {}, output)
      : net.g.node('Concat', levels, { axis: 1 }, output);
  const count = features.reduce((sum, { size: [h, w] }, level) => sum + h * w * shapes[level]!.length, 0);
  net.g.output(all, 'float32', ['N', count, 4 + columns]);
  const model = net.g.build({ opsets: backbone.opsets, irVersion: backbone.irVersion });
  const grid = { maps: features.map(({ size }) => size), shapes };
  return withDetector(model, { grid, weights: ssdBoxWeights, scores, classes, size: [height, width] });
}

/** A value of the backbone, or behind it, that anchors lie on. */
interface FeatureMap {
  readonly value: string;
  readonly channels: number;
  readonly size: readonly [height: number, width: number];
}

/** The anchors of torchvision's SSDLite for any number of feature maps. */
function ssdLiteAnchors(levels: number): AnchorShapes {
  return defaultBoxShapes({ aspectRatios: Array(levels).fill([2, 3]), minRatio: 0.2, maxRatio: 0.95 });
}

function imageInput({ graph }: Model): ValueInfo {
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const [input] = inputs;
  if (inputs.length === 1 && input!.type === 'float32' && (input!.dims ?? [0, 0, 0, 0]).length === 4) return input!;
  const list = inputs.map(({ name, type, dims }) => `${name}: ${type}[${dims?.map((size) => size ?? '?') ?? '…'}]`);
  throw notTrainable(
    'a backbone with one float32 input [N, C, H, W]',
    list.join(', ') || 'none',
    'Take a classifier of images',
  );
}

function atOpset17(model: Model): Model {
  return (model.opsets[''] ?? 1) < 17 ? convertOpset(model, 17) : model;
}

/** The last value of every stride, in the order in which the graph is computed: the richest features of that size. */
function featureMapsAt(
  model: Model,
  input: string,
  strides: readonly number[],
  wanted: readonly [number, number],
): string[] {
  const { graph } = model;
  // The backbone may take images of one size only, because of what lies behind its features.
  const declared = graph.inputs.find(({ name }) => name === input)!.dims ?? [];
  const channels = typeof declared[1] === 'number' ? declared[1] : 3;
  const size = [declared[2] ?? wanted[0], declared[3] ?? wanted[1]].map(Number);
  const [height, width] = size.map((side, axis) => (Number.isInteger(side) ? side : wanted[axis]!)) as [number, number];
  const types = inferTypes(model, { inputDims: { [input]: [1, channels, height, width] } }).values;
  const values = topologicalSort(graph).flatMap(({ outputs }) => outputs);
  return strides.map((stride) => {
    const found = values.findLast((name) => {
      const type = types.get(name);
      const dims = type?.kind === 'tensor' ? type.dims : undefined;
      return dims?.length === 4 && dims[2] === Math.ceil(height / stride) && dims[3] === Math.ceil(width / stride);
    });
    if (found !== undefined) return found;
    throw notTrainable(
      `a backbone with a feature map of stride ${stride}`,
      `none of ${Math.ceil(height / stride)} × ${Math.ceil(width / stride)} for images of ${height} × ${width}`,
      'Name other strides, or the feature maps themselves in the option featureMaps',
    );
  });
}

/** Makes the feature maps the model's only outputs, in place. */
function cutBehind({ graph }: Model, names: readonly string[]): void {
  const editor = new GraphEditor(graph);
  for (const name of names) {
    if (editor.producer(name) !== undefined) continue;
    throw notTrainable(
      `a value ${name} in the backbone`,
      'none',
      'Take names of values that nodes of the model make; describe() of @percept/onnx/graph lists them',
    );
  }
  for (const { name } of [...graph.outputs]) editor.removeOutput(name);
  for (const name of names) editor.addOutput({ name, type: 'float32', dims: undefined, docString: '' });
  editor.removeUnused();
  graph.valueInfos = [];
}

function sizesOf(model: Model, names: readonly string[], input: string, dims: readonly number[]): FeatureMap[] {
  const { graph } = model;
  graph.inputs = graph.inputs.map((info) => (info.name === input ? { ...info, dims: [...dims] } : info));
  const types = inferTypes(model).values;
  return names.map((value) => {
    const type = types.get(value);
    const [, channels, height, width, ...rest] = (type?.kind === 'tensor' ? type.dims : undefined) ?? [];
    if ([channels, height, width].every(Number.isInteger) && rest.length === 0) {
      return { value, channels: Number(channels), size: [Number(height), Number(width)] };
    }
    throw notTrainable(
      `a feature map [N, C, H, W] of known size for ${value}`,
      `[${type?.kind === 'tensor' ? (type.dims ?? []).map((size) => size ?? '?').join(', ') : '?'}]`,
      'Name a convolution or the activation behind one',
    );
  });
}

/** The nodes and weights of a model, under their names, and its input at a new size. */
function copyInto({ g }: Network, { graph }: Model, input: string, dims: readonly (string | number)[]): void {
  g.input(input, 'float32', [...dims]);
  for (const [name, value] of graph.initializers) g.initializer(name, value);
  for (const { opType, inputs, attributes, outputs, name, domain } of topologicalSort(graph)) {
    g.multi(opType, inputs, attributes, { outputs, name, domain });
  }
}
