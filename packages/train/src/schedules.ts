export { chainedLR } from './schedules/chained-lr.js';
export { constantLR } from './schedules/constant-lr.js';
export { type CosineAnnealingLROptions, cosineAnnealingLR } from './schedules/cosine-annealing-lr.js';
export {
  type CosineAnnealingWarmRestartsOptions,
  cosineAnnealingWarmRestarts,
} from './schedules/cosine-annealing-warm-restarts.js';
export { type ExponentialLROptions, exponentialLR } from './schedules/exponential-lr.js';
export { type LinearLROptions, linearLR } from './schedules/linear-lr.js';
export { type MultiStepLROptions, multiStepLR } from './schedules/multi-step-lr.js';
export { type OneCycleLROptions, oneCycleLR } from './schedules/one-cycle-lr.js';
export { type PolynomialLROptions, polynomialLR } from './schedules/polynomial-lr.js';
export { type ReduceLROnPlateauOptions, reduceLROnPlateau } from './schedules/reduce-lr-on-plateau.js';
export type { Schedule, SchedulePosition } from './schedules/schedule.js';
export type { ScheduleUnit, UnitOption } from './schedules/schedule-unit.js';
export { type SequentialLROptions, sequentialLR } from './schedules/sequential-lr.js';
export { type StepLROptions, stepLR } from './schedules/step-lr.js';
export { type WarmUpOptions, warmUp } from './schedules/warm-up.js';
