export { runtimeConformance } from './runtime-conformance.js';
