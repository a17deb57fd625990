export { cloneModel } from './clone-model.js';
export { type AttributeInput, GraphBuilder, type NodeOptions } from './graph-builder.js';
export { type CalibrationRecord, type PerceptMetadata, readMetadata, withMetadata } from './metadata.js';
export type { Attribute, Graph, Model, Node, ValueInfo } from './model.js';
export { modelDigest } from './model-digest.js';
export { readModel } from './read-model.js';
export type { RunOptions, Runtime, Session, SessionOptions } from './runtime.js';
export { topologicalSort } from './topological-sort.js';
export { writeModel } from './write-model.js';
