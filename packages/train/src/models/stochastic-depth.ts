// Stochastic depth as PyTorch's exporters write it in training mode: a branch times random rows of 0 and 1 / keep.
import { tensor } from '@percept/core';
import type { Dimension, Model, Node } from '@percept/onnx';
import { describeNode, GraphEditor, inferTypes, type ValueTypes } from '@percept/onnx/graph';
import { stochasticDepthOf, withStochasticDepth } from '../dropout-nodes.js';
import { notTrainable } from './not-trainable.js';

/**
 * Makes every product with random rows (`torchvision.ops.StochasticDepth` of mode row, timm's `DropPath`) a Dropout that
 * the model's metadata says to drop whole rows, in place; with random elements, a Dropout. So the model drops nothing in
 * use. Constants must be folded already.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` where a Dropout is not the same: mode batch, or a branch that is not divided
 *   by what is kept of it
 */
export function recognizeStochasticDepth(model: Model): void {
  const { graph } = model;
  const editor = new GraphEditor(graph);
  const products = graph.nodes.filter(({ opType, domain }) => opType === 'Mul' && domain === '');
  const found = products.flatMap((node) => {
    const at = node.inputs.findIndex((name) => drawnWith(editor, name) !== undefined);
    return at < 0 ? [] : [{ node, branch: node.inputs[1 - at]!, factor: node.inputs[at]! }];
  });
  if (found.length === 0) return;
  const types = inferTypes(model).of(graph);
  const names = [...stochasticDepthOf(model)];
  for (const { node, branch, factor } of found) {
    const { keep, divided } = drawnWith(editor, factor)!;
    if (!divided) throw refused(node, 'one that is not divided by what is kept');
    const dropped = droppedTogether(types, branch, factor);
    if (dropped === undefined) throw refused(node, 'one draw for the whole batch');
    const name = editor.freshName(node.name === '' ? 'stochastic_depth' : node.name);
    const ratio = editor.addConstant(`${name}.ratio`, tensor('float32', [], [1 - keep]));
    editor.replace(node, [{ opType: 'Dropout', inputs: [branch, ratio], outputs: [...node.outputs], name }]);
    if (dropped === 'rows') names.push(name);
  }
  editor.removeUnused();
  model.metadata = withStochasticDepth(model.metadata, names);
}

/** How a value was drawn, where it is 1 with the probability `keep` and else 0, or such numbers divided by `keep`. */
function drawnWith(editor: GraphEditor, value: string): { keep: number; divided: boolean } | undefined {
  const node = editor.producer(value);
  if (node?.domain !== '') return undefined;
  const [first = '', second = ''] = node.inputs;
  if (node.opType === 'Cast') return drawnWith(editor, first);
  if (node.opType === 'Div') {
    const drawn = drawnWith(editor, first);
    const same = drawn !== undefined && !drawn.divided && numberOf(editor, second) === drawn.keep;
    return same ? { keep: drawn.keep, divided: true } : undefined;
  }
  const keep =
    node.opType === 'Less' && isUniform(editor.producer(first))
      ? numberOf(editor, second)
      : node.opType === 'Bernoulli'
        ? numberOf(editor, first)
        : undefined;
  return keep === undefined ? undefined : { keep, divided: false };
}

function isUniform(node: Node | undefined): boolean {
  if (node?.opType !== 'RandomUniformLike' && node?.opType !== 'RandomUniform') return false;
  const { low, high } = node.attributes;
  return !(low?.type === 'float' && low.value !== 0) && !(high?.type === 'float' && high.value !== 1);
}

/** The number that all elements of a constant are. */
function numberOf(editor: GraphEditor, value: string): number | undefined {
  const maker = editor.producer(value);
  const data = editor.constant(maker?.opType === 'Expand' ? maker.inputs[0] : value)?.data;
  if (data === undefined || data.length === 0) return undefined;
  const [number, ...others] = Array.from(data as ArrayLike<unknown>, Number);
  return others.every((other) => other === number) ? number : undefined;
}

/** What a factor drops of a branch at once; `undefined` for all or for something else. */
function droppedTogether(types: ValueTypes, branch: string, factor: string): 'rows' | 'elements' | undefined {
  const [whole, random] = [branch, factor].map((name) => dimsOf(types, name));
  if (whole === undefined || random === undefined || whole.length !== random.length) return undefined;
  const same = (axis: number): boolean => random[axis] === whole[axis];
  if (whole.every((_, axis) => same(axis)) && whole.slice(1).some((size) => size !== 1)) return 'elements';
  if (!random.slice(1).every((size) => size === 1)) return undefined;
  // A batch whose size no shape tells is none of 1.
  return same(0) || random[0] === undefined ? 'rows' : undefined;
}

function dimsOf(types: ValueTypes, value: string): readonly Dimension[] | undefined {
  const type = types.get(value);
  return type?.kind === 'tensor' ? type.dims : undefined;
}

function refused(node: Node, received: string): Error {
  const advice = 'Export the model in eval mode, or with stochastic depth of mode row that keeps the mean';
  const expected = 'stochastic depth that drops rows and divides the others by what is kept';
  return notTrainable(expected, `${received}, in ${describeNode(node)}`, advice, { node: node.name });
}
