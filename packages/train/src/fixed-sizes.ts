// A model as it is for one size of its input: shape arithmetic folded, every value's type and dims known.
import { isPerceptError, PerceptError, type Tensor } from '@percept/core';
import type { ElementType, Model, Node } from '@percept/onnx';
import { GraphBuilder } from '@percept/onnx';
import { inferTypes, simplifyModel } from '@percept/onnx/graph';
import { settleDropouts } from './dropout-nodes.js';
import type { Trainable } from './trainable.js';

/** The nodes of a model for one size of its input, and what is known of their values. */
export interface FixedSizes {
  /** Nodes in topological order. */
  readonly nodes: readonly Node[];
  /** Constants that folding made, by name; those of the model keep their names and are not among them. */
  readonly folded: ReadonlyMap<string, Tensor>;
  /** The value of a constant that training does not change. */
  constant(value: string): Tensor | undefined;
  /** Element type and dims of a value, where both are known. */
  type(value: string): { readonly elementType: ElementType; readonly dims: readonly number[] } | undefined;
}

/**
 * Fixes the size of a model's input. `changing` names the constants that are not to be folded: what is trained, or
 * asked for a gradient. `drops` keeps the Dropouts that drop something, marked as training; otherwise all are taken out.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED` where the model does not take an input of that size
 */
export function fixSizes(
  model: Trainable,
  inputDims: readonly number[],
  changing: ReadonlySet<string>,
  { drops }: { readonly drops: boolean },
): FixedSizes {
  const g = new GraphBuilder('fixed sizes', { opset: model.opset });
  const { graph, ...rest } = g.build();
  const variables = [...model.constants].filter(([name]) => changing.has(name) || model.statistics.includes(name));
  const info = (name: string, type: Tensor['type'] | undefined, dims: readonly number[] | undefined) => ({
    name,
    type,
    dims: dims && [...dims],
    docString: '',
  });
  const settled = settleDropouts(model, drops);
  const fixed: Model = {
    ...rest,
    graph: {
      ...graph,
      nodes: [...settled.nodes],
      inputs: [
        info(model.input, 'float32', inputDims),
        ...variables.map(([name, { type, dims }]) => info(name, type, dims)),
      ],
      outputs: [info(model.output, undefined, undefined)],
      initializers: new Map([...settled.constants].filter(([name]) => !variables.some(([other]) => other === name))),
    },
  };
  const { model: simple } = simplifyModel(fixed);
  const { initializers, nodes } = simple.graph;
  const types = typesOf(simple, inputDims);
  return {
    nodes,
    folded: new Map([...initializers].filter(([name]) => !model.constants.has(name))),
    constant: (value) => initializers.get(value),
    type(value) {
      const type = types.get(value);
      if (type?.kind !== 'tensor' || typeof type.elementType !== 'string') return undefined;
      if (!type.dims?.every((dim) => typeof dim === 'number')) return undefined;
      return { elementType: type.elementType, dims: type.dims as number[] };
    },
  };
}

function typesOf(model: Model, inputDims: readonly number[]): ReturnType<typeof inferTypes>['values'] {
  try {
    return inferTypes(model).values;
  } catch (error) {
    if (!isPerceptError(error, 'ONNX_SHAPE_INVALID') && !isPerceptError(error, 'ONNX_ATTRIBUTE_INVALID')) throw error;
    throw new PerceptError(
      'TRAIN_UNSUPPORTED',
      `Expected a model that takes an input of [${inputDims.join(', ')}] but received: ${error.message}. A shape in the model must leave the batch size open (0 or -1)`,
      { cause: error, details: error.details },
    );
  }
}
