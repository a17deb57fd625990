import { cloneModel } from '../clone-model.js';
import type { Graph, Model, ValueInfo } from '../model.js';
import type { TypeProto } from '../model-types.js';
import { type InferenceOptions, inferTypes, type ModelTypes } from './infer-types.js';
import { subgraphsOf } from './scope.js';

/**
 * A copy of a model in which every value declares the type that was inferred for it: inputs (where `inputDims` gives
 * sizes), outputs and, in `valueInfos`, what nodes make, in nested graphs too. The given model is not changed.
 *
 * @throws PerceptError as {@link inferTypes}
 */
export function inferShapes(model: Model, options: InferenceOptions = {}): Model {
  const result = cloneModel(model);
  const types = inferTypes(result, options);
  declare(result.graph, types);
  return result;
}

function declare(graph: Graph, types: ModelTypes): void {
  const known = types.of(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  graph.inputs = graph.inputs.map((info) => declared(info, known.get(info.name)));
  graph.outputs = graph.outputs.map((info) => declared(info, known.get(info.name)));
  const infos = new Map(graph.valueInfos.map((info) => [info.name, info]));
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      const type = known.get(name);
      if (name === '' || outputs.has(name) || type === undefined) continue;
      infos.set(name, declared(infos.get(name) ?? { name, type: undefined, dims: undefined, docString: '' }, type));
    }
    for (const inner of subgraphsOf(node)) declare(inner, types);
  }
  graph.valueInfos = [...infos.values()];
}

function declared(info: ValueInfo, type: TypeProto | undefined): ValueInfo {
  if (type === undefined || type.kind === 'none') return info;
  // A type that says more than a plain tensor's is kept as it is: its own fields stay.
  if (info.valueType !== undefined || type.kind !== 'tensor' || typeof type.elementType === 'number') {
    return info.valueType === undefined ? { ...info, type: undefined, dims: undefined, valueType: type } : info;
  }
  return { ...info, type: type.elementType, dims: type.dims && [...type.dims] };
}
