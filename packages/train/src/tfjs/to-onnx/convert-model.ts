// Walks the functional graph of a LayersModel, nested models and shared layers included, and emits it layer by layer.
import { PerceptError } from '@percept/core';
import type { Model } from '@percept/onnx';
import type { TfLayer, TfLayersModel, TfSymbolicTensor } from '../tensor-flow-module.js';
import { Conversion, unsupportedLayer, type WeightValues } from './conversion.js';
import { channelsFirst, channelsLast, type ImageAxes, type LayerValue } from './layer-value.js';
import { layerConverters } from './table.js';

/** A converted model, and how its weights were laid out. */
export interface ConvertedModel {
  readonly model: Model;
  readonly layouts: Conversion['layouts'];
}

/** Converts a model with the given values of its weights. */
export function convertModel(source: TfLayersModel, values: WeightValues): ConvertedModel {
  const to = new Conversion(source, values, imageAxesOf(source));
  const { inputs, outputs } = source;
  const inScope = new Map<number, LayerValue>();
  for (const input of inputs) {
    const name = inputs.length === 1 ? 'input' : input.sourceLayer.name;
    to.g.input(name, 'float32', onnxDims(input, to.axes));
    inScope.set(input.id, { name, shape: input.shape });
  }
  for (const [index, output] of outputs.entries()) {
    const value = to.inLayerOrder(emitted(to, output, inScope));
    const name = outputs.length === 1 ? 'output' : `output_${index}`;
    to.g.output(to.g.node('Identity', [value.name], {}, { outputs: [name] }), 'float32', onnxDims(output, to.axes));
  }
  const model = to.g.build();
  dissolveIdentities(model);
  return { model, layouts: to.layouts };
}

/** Lets the nodes in front of the outputs make them under their names. */
function dissolveIdentities({ graph }: Model): void {
  for (const { name } of graph.outputs) {
    const identity = graph.nodes.find(({ outputs }) => outputs[0] === name)!;
    const made = identity.inputs[0]!;
    if (graph.inputs.some((input) => input.name === made) || graph.outputs.some((output) => output.name === made))
      continue;
    const renamed = (value: string): string => (value === made ? name : value);
    const others = graph.nodes.filter((node) => node !== identity);
    graph.nodes = others.map((node) => ({
      ...node,
      inputs: node.inputs.map(renamed),
      outputs: node.outputs.map(renamed),
    }));
  }
}

/** The dataFormat that the layers for images have in common. */
export function imageAxesOf(model: TfLayersModel): ImageAxes {
  const formats = new Map<unknown, TfLayer>();
  const visit = (layers: readonly TfLayer[]): void => {
    for (const layer of layers) {
      if (isModel(layer)) visit(layer.layers);
      else if (layer.getClassName() !== 'Flatten') {
        const { dataFormat } = layer.getConfig() as { dataFormat?: unknown };
        if (dataFormat != null) formats.set(dataFormat, layer);
      }
    }
  };
  visit(model.layers);
  if (formats.size > 1) {
    unsupportedLayer(formats.get('channelsFirst')!, 'channelsFirst beside channelsLast in other layers');
  }
  return formats.has('channelsFirst') ? channelsFirst : channelsLast;
}

/** Whether a layer is a model of its own. */
export function isModel(layer: TfLayer): layer is TfLayersModel {
  return 'layers' in layer && 'outputs' in layer;
}

function onnxDims({ shape }: TfSymbolicTensor, axes: ImageAxes): (number | string | undefined)[] {
  const dims = shape.map((size, axis) => size ?? (axis === 0 ? 'N' : undefined));
  return shape.length === 4 ? axes.fromOnnx.map((axis) => dims[axis]) : dims;
}

/** The value of a symbolic tensor, emitting whatever leads to it. `inScope` keeps what was made in this use of the model. */
function emitted(to: Conversion, wanted: TfSymbolicTensor, inScope: Map<number, LayerValue>): LayerValue {
  const known = inScope.get(wanted.id);
  if (known !== undefined) return known;
  const { sourceLayer: layer, nodeIndex = 0, tensorIndex = 0 } = wanted;
  const node = layer.inboundNodes[nodeIndex]!;
  const inputs = node.inputTensors.map((input) => emitted(to, input, inScope));
  const value = isModel(layer)
    ? insideOf(to, layer, inputs, tensorIndex)
    : converterOf(layer)(to, {
        layer,
        config: layer.getConfig() as Record<string, unknown>,
        inputs,
        outputShape: wanted.shape,
      });
  inScope.set(wanted.id, value);
  return value;
}

/** One output of a model that is used as a layer. */
function insideOf(to: Conversion, model: TfLayersModel, inputs: readonly LayerValue[], output: number): LayerValue {
  const inScope = new Map(model.inputs.map(({ id }, index) => [id, inputs[index]!]));
  return emitted(to, model.outputs[output]!, inScope);
}

function converterOf(layer: TfLayer) {
  const className = layer.getClassName();
  if (className === 'InputLayer') {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected ${layer.name} to be an input of the model. Name all inputs`,
    );
  }
  if (!Object.hasOwn(layerConverters, className)) unsupportedLayer(layer, `the layer ${className}`);
  return layerConverters[className]!;
}
