import { PerceptError } from '@percept/core';
import type { Model, Node } from '../../model.js';
import { checkFunctions, functionKey } from './check-functions.js';
import { checkGraph } from './check-graph.js';
import { checkTypes } from './check-types.js';
import { IssueList, type ModelIssue } from './issue.js';

/** The newest file format that is known (onnx.proto: IR_VERSION). */
const newestIrVersion = 14;

/**
 * Everything that is wrong with a model by the ONNX standard, as `onnx.checker` with `full_check` knows it: IR version and
 * operator sets, names, single static assignment and order (nested graphs and functions included), operators by version,
 * their inputs, outputs, attributes and types, constants, shapes. None when the model is valid. Types and shapes are looked
 * at only when everything else is right.
 *
 * What a file can hold only wrongly (a name twice among attributes, initializers or metadata) is refused by `readModel`.
 */
export function checkModel(model: Model): readonly ModelIssue[] {
  const issues = new IssueList('main');
  const { irVersion } = model;
  if (!Number.isInteger(irVersion) || irVersion < 1 || irVersion > newestIrVersion) {
    issues.add('ir-version', `an IR version from 1 to ${newestIrVersion} but received ${irVersion}`);
  }
  const imported = Object.keys(model.opsets).length > 0;
  if (irVersion >= 3 && !imported) issues.add('opset-import', 'the model to import an operator set');
  if (irVersion < 3 && imported) issues.add('opset-import', `no operator set in a model of IR version ${irVersion}`);
  // Models of that time mean the first operator set.
  const opsets = imported ? model.opsets : { '': 1 };

  const functions = new Set((model.functions ?? []).map(functionKey));
  const isFunction = (node: Node): boolean =>
    functions.has(functionKey({ domain: node.domain, name: node.opType, overload: node.overload ?? '' }));
  checkGraph(model.graph, new Set(), { opsets, isFunction, irVersion, nested: false }, issues);
  checkFunctions(model, isFunction, issues);
  if (issues.all.length === 0) checkTypes({ ...model, opsets }, issues);
  return issues.all;
}

/**
 * Refuses a model that {@link checkModel} finds something wrong with.
 *
 * @throws PerceptError `ONNX_MODEL_INVALID`; the message names the first issues, `details.issues` holds all
 */
export function assertValidModel(model: Model): void {
  const issues = checkModel(model);
  if (issues.length === 0) return;
  const shown = issues.slice(0, 5).map(({ rule, message }) => `${rule}: ${message}`);
  const more = issues.length > shown.length ? `; and ${issues.length - shown.length} more` : '';
  throw new PerceptError('ONNX_MODEL_INVALID', `Expected a valid ONNX model but: ${shown.join('; ')}${more}`, {
    details: { issues },
  });
}
