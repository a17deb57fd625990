export { type StorageConformanceOptions, type StorageSkip, storageConformance } from './conformance.js';
