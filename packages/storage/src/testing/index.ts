export { storageConformance } from './conformance.js';
export type { ConnectionCutter, StorageConformanceOptions, StorageSkip } from './ground.js';
