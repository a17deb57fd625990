import { PerceptError, parseOptions, tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { type ClassifierOptions, classifierSchema } from './classifier-options.js';
import { type Initialize, keyedInitialization, normal, torchDefault } from './initialization.js';
import { Network, zeros } from './network.js';

/** Options of {@link vitTiny}. */
export interface VitOptions extends ClassifierOptions {
  /** Height and width of the patches, of which `size` is a multiple. Default 16. */
  patch?: number;
  /** Number of transformer blocks. Default 12. */
  depth?: number;
}

const schema = classifierSchema.extend({ patch: z.int().min(1).optional(), depth: z.int().min(1).optional() });

const width = 192;
const heads = 3;
const epsilon = 1e-6;

/**
 * ViT-Tiny (Dosovitskiy et al. 2021, arXiv:2010.11929, in the size of Touvron et al. 2021, arXiv:2012.12877), as timm's
 * `vit_tiny_patch16_224`: 192 channels, 3 heads, a class token, exact GELU. 5,717,416 parameters with 1000 classes.
 *
 * @returns a model with input `input` `[N, channels, size, size]` and output `logits` `[N, classes]`
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, or a size that is no multiple of the patch
 */
export function vitTiny(options: VitOptions): Model {
  const parsed = parseOptions(schema, options, 'vitTiny() options');
  const { classes, channels = 3, size = 224, seed = 0, patch = 16, depth = 12 } = parsed;
  if (size % patch !== 0) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a size that is a multiple of the patch of ${patch} pixels but received ${size}. Resize the images, or choose another patch`,
    );
  }
  return vitTinyGraph({ classes, channels, size, patch, depth }, keyedInitialization(seed));
}

/** The graph of a ViT-Tiny, filled by `initialize`. */
export function vitTinyGraph(
  { classes, channels, size, patch, depth }: Required<Omit<VitOptions, 'seed'>>,
  initialize: Initialize,
): Model {
  const net = new Network('vitTiny', initialize);
  const { g } = net;
  const image = g.input('input', 'float32', ['N', channels, size, size]);
  const patches = (size / patch) ** 2;
  const length = patches + 1;

  const projection = { from: channels, to: width, kernel: patch, stride: patch, padding: 0 };
  const map = net.conv(image, 'patch_embed.proj', { ...projection, weight: torchDefault, bias: torchDefault });
  const tokens = g.node('Transpose', [net.reshape(map, [-1, width, patches])], { perm: [0, 2, 1] });
  // The class token is the same for every image: an empty first token and the addition below give it to any batch size
  // without arithmetic on shapes.
  const before = g.constant(tensor('int64', [6], [0, 1, 0, 0, 0, 0]), 'setting');
  const after = g.constant(tensor('int64', [6], [0, 0, 0, 0, patches, 0]), 'setting');
  const classToken = g.node('Pad', [net.parameter('cls_token', [1, 1, width], normal(1e-6)), after]);
  const position = net.add(net.parameter('pos_embed', [1, length, width], normal(0.02)), classToken);
  let x = net.add(g.node('Pad', [tokens, before]), position);

  for (let index = 0; index < depth; index++) {
    const name = `blocks.${index}`;
    x = net.add(x, attention(net, net.layerNorm(x, `${name}.norm1`, width, epsilon), `${name}.attn`, length));
    x = net.add(x, perceptron(net, net.layerNorm(x, `${name}.norm2`, width, epsilon), `${name}.mlp`, length));
  }
  const normalized = net.layerNorm(x, 'norm', width, epsilon);
  const first = g.node('Gather', [normalized, g.constant(tensor('int64', [], [0]), 'setting')], { axis: 1 });
  return net.classifier(linear(net, first, 'head', width, classes, 'logits'), classes);
}

function linear(net: Network, x: string, name: string, from: number, to: number, output?: string): string {
  const layer = { from, to, weight: () => normal(0.02), bias: zeros };
  return net.linear(x, name, output === undefined ? layer : { ...layer, output });
}

/** Multi-head self-attention on `[N, length, width]`. */
function attention(net: Network, x: string, name: string, length: number): string {
  const { g } = net;
  const size = width / heads;
  const joined = linear(net, net.reshape(x, [-1, width]), `${name}.qkv`, width, 3 * width);
  const apart = g.node('Transpose', [net.reshape(joined, [-1, length, 3, heads, size])], { perm: [2, 0, 3, 1, 4] });
  const parts = g.multi('Split', [apart], { axis: 0 }, { outputs: 3 });
  const [query, key, value] = parts.map((part) => net.reshape(part, [-1, heads, length, size])) as [
    string,
    string,
    string,
  ];
  const scaled = g.node('Mul', [query, net.scalar(size ** -0.5)]);
  const scores = g.node('MatMul', [scaled, g.node('Transpose', [key], { perm: [0, 1, 3, 2] })]);
  const mixed = g.node('MatMul', [g.node('Softmax', [scores], { axis: -1 }), value]);
  const merged = net.reshape(g.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }), [-1, width]);
  return net.reshape(linear(net, merged, `${name}.proj`, width, width), [-1, length, width]);
}

/** Two layers with GELU between them on `[N, length, width]`. */
function perceptron(net: Network, x: string, name: string, length: number): string {
  const wide = linear(net, net.reshape(x, [-1, width]), `${name}.fc1`, width, 4 * width);
  return net.reshape(linear(net, net.gelu(wide), `${name}.fc2`, 4 * width, width), [-1, length, width]);
}
