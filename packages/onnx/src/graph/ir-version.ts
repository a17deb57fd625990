import type { Model } from '../model.js';
import { constantNames } from './scope.js';

/** The IR version that came with an opset (onnx/docs/Versioning.md). Runtimes refuse files newer than they are. */
export function irVersionOf(opset: number): number {
  if (opset <= 18) return 8;
  if (opset <= 20) return 9;
  if (opset <= 22) return 10;
  return opset === 23 ? 11 : 12;
}

/**
 * Raises a model's IR version, in place, to the one that came with an opset. Up to version 3 every initializer had to be
 * an input too; those inputs go, so that what were constants do not become mere defaults of inputs.
 */
export function raiseIrVersion(model: Model, opset: number): void {
  if (model.irVersion < 4) {
    const constants = new Set(constantNames(model.graph));
    model.graph.inputs = model.graph.inputs.filter(({ name }) => !constants.has(name));
  }
  model.irVersion = Math.max(model.irVersion, irVersionOf(opset));
}
