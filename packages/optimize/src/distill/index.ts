export { distill } from './distill.js';
export type { DistillOptions, StudentTraining } from './distill-options.js';
export type { AttentionPair, HintPair, RelationPair, ValuePair } from './feature-pairs.js';
export type { TeacherCacheOptions } from './teacher-cache.js';
