import type { Attribute, Node } from '../../model.js';
import { isKnownDomain, type OperatorSchema, operatorHistory, operatorSchema } from '../operator-schema.js';
import { isOfKind } from './attribute-kinds.js';
import { checkSparseTensor, checkTensor } from './check-tensor.js';
import type { IssueList } from './issue.js';

/** What the checker knows around a node. */
export interface NodeScope {
  readonly opsets: Readonly<Record<string, number>>;
  /** Whether a function of the model has this domain, name and overload. */
  isFunction(node: Node): boolean;
  /** Names of the attributes of the function whose body the node is in. */
  readonly functionAttributes?: ReadonlySet<string>;
}

/** Operators of onnxruntime, which gain attributes and types without a new version. */
const growing = 'com.microsoft';

/** Checks a node against its operator: version, numbers of inputs and outputs, attributes. Not types, not nested graphs. */
export function checkNode(node: Node, scope: NodeScope, issues: IssueList): void {
  if (node.opType === '') issues.add('name', 'an operator type', node);
  if (node.inputs.length === 0 && node.outputs.length === 0) issues.add('output-count', 'an input or an output', node);
  checkAttributeValues(node, scope, issues);
  const opset = scope.opsets[node.domain];
  if (opset === undefined) {
    issues.add('opset-import', `the model to import an operator set for domain ${JSON.stringify(node.domain)}`, node);
    return;
  }
  const schema = operatorSchema(node.domain, node.opType, opset);
  if (schema === undefined) {
    if (isKnownDomain(node.domain) && node.domain !== growing && !scope.isFunction(node)) unknown(node, opset, issues);
    return;
  }
  if (schema.deprecated) {
    issues.add('deprecated-operator', `no operator that opset ${schema.sinceVersion} has deprecated`, node);
    return;
  }
  checkArity(node, schema, issues);
  checkAttributes(node, schema, issues);
}

function unknown(node: Node, opset: number, issues: IssueList): void {
  const [first] = operatorHistory(node.domain, node.opType);
  const domain = node.domain === '' ? 'ai.onnx' : node.domain;
  const known = first === undefined ? 'there is none of this name' : `it came with ${first.sinceVersion}`;
  issues.add('unknown-operator', `an operator of ${domain} ${opset} but ${known},`, node);
}

function checkArity(node: Node, schema: OperatorSchema, issues: IssueList): void {
  for (const side of ['input', 'output'] as const) {
    const names = side === 'input' ? node.inputs : node.outputs;
    const parameters = side === 'input' ? schema.inputs : schema.outputs;
    const [minimum, maximum] =
      side === 'input' ? [schema.minInputs, schema.maxInputs] : [schema.minOutputs, schema.maxOutputs];
    if (names.length < minimum || names.length > maximum) {
      const range =
        minimum === maximum ? `${minimum}` : `${minimum} to ${maximum === Number.POSITIVE_INFINITY ? 'any' : maximum}`;
      issues.add(`${side}-count`, `${range} ${side}s but received ${names.length}`, node);
      continue;
    }
    for (const [index, name] of names.entries()) {
      if (name === '' && parameters[index]?.kind === 'single') {
        issues.add(`${side}-count`, `${side} ${index} (${parameters[index].name}) to be given`, node);
      }
    }
  }
}

function checkAttributes(node: Node, schema: OperatorSchema, issues: IssueList): void {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    const expected = schema.attributes.get(name);
    if (expected === undefined) {
      // Two underscores begin names that are an implementation's own.
      if (name.startsWith('__') || node.domain === growing) continue;
      issues.add(
        'attribute',
        `no attribute ${JSON.stringify(name)} in ${schema.name} of opset ${schema.sinceVersion}`,
        node,
      );
    } else if (!isOfKind(attribute, expected.kind)) {
      issues.add('attribute', `attribute ${name} of kind ${expected.kind} but received ${attribute.type}`, node);
    }
  }
  for (const { name, required } of schema.attributes.values()) {
    if (required && !Object.hasOwn(node.attributes, name)) issues.add('attribute', `attribute ${name}`, node);
  }
  if (schema.name !== 'Constant' || schema.domain !== '') return;
  const values = [...schema.attributes.keys()].filter((name) => Object.hasOwn(node.attributes, name));
  if (values.length !== 1) issues.add('attribute', `one value but received ${values.length}`, node);
}

function checkAttributeValues(node: Node, scope: NodeScope, issues: IssueList): void {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (name === '') issues.add('name', 'a name for every attribute', node);
    checkAttributeValue(node, name, attribute, scope, issues);
  }
}

function checkAttributeValue(
  node: Node,
  name: string,
  attribute: Attribute,
  scope: NodeScope,
  issues: IssueList,
): void {
  const what = `attribute ${name} of ${node.opType}${node.name === '' ? '' : ` ${JSON.stringify(node.name)}`}`;
  switch (attribute.type) {
    case 'tensor':
    case 'rawTensor':
      checkTensor(attribute.value, what, issues);
      return;
    case 'tensors':
      for (const tensor of attribute.value) checkTensor(tensor, what, issues);
      return;
    case 'sparseTensor':
      checkSparseTensor(attribute.value, what, issues);
      return;
    case 'sparseTensors':
      for (const tensor of attribute.value) checkSparseTensor(tensor, what, issues);
      return;
    case 'reference':
      if (scope.functionAttributes?.has(attribute.value)) return;
      issues.add(
        'attribute',
        `attribute ${name} to refer to an attribute of a function but received ${attribute.value}`,
        node,
      );
      return;
    default:
  }
}
