export { type AttributeReader, attributes } from './attributes.js';
export { assertValidModel, checkModel } from './check/check-model.js';
export type { CheckRule, ModelIssue } from './check/issue.js';
export { constantOf } from './constant-node.js';
export {
  type DescribedNode,
  type DescribedOperator,
  type DescribedValue,
  describe,
  type ModelDescription,
} from './describe/describe-model.js';
export { formatDescription } from './describe/format-description.js';
export { describeNode } from './describe-node.js';
export type { NodeEvaluator } from './evaluate-constants.js';
export { extractSubgraph, type SubgraphBounds } from './extract-subgraph.js';
export { GraphEditor, type NodeSpec } from './graph-editor.js';
export { inferShapes } from './infer-shapes.js';
export { type InferenceOptions, inferTypes, type ModelTypes, type ValueTypes } from './infer-types.js';
export { type MergeOptions, mergeModels } from './merge-models.js';
export {
  type AttributeKind as SchemaAttributeKind,
  type AttributeSchema,
  type FormalParameter,
  type OperatorSchema,
  operatorSchema,
} from './operator-schema.js';
export { convertibleOpsets, convertOpset } from './opset/convert-opset.js';
export { prefixNames } from './prefix-names.js';
export { capturedValues, graphsWithin, subgraphsOf, valuesRead } from './scope.js';
export { formatType } from './shapes/value-type.js';
export type { FoldOptions } from './simplify/fold-constants.js';
export { type SimplifiedModel, simplifyModel } from './simplify/simplify-model.js';
