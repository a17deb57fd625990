export { type RuntimeConformanceOptions, runtimeConformance } from './runtime-conformance.js';
