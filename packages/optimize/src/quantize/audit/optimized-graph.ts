import { PerceptError } from '@percept/core';
import type { Graph, Model, Runtime } from '@percept/onnx';

/** Browsers have no files for a runtime to write its graph into. */
export async function optimizedGraph(_model: Model, _runtime: Runtime): Promise<Graph> {
  throw new PerceptError(
    'OPTIMIZE_AUDIT_UNAVAILABLE',
    'Expected a runtime that can write the graph it runs for auditFusion() but received one of a browser. Audit the model in Node',
  );
}
