import type { Schedule } from './schedule.js';

/** Several schedules at once: the product of their factors, as `torch.optim.lr_scheduler.ChainedScheduler`. */
export function chainedLR(schedules: readonly Schedule[]): Schedule {
  return {
    description: `chainedLR([${schedules.map(({ description }) => description).join(', ')}])`,
    factor: (position) => schedules.reduce((product, schedule) => product * schedule.factor(position), 1),
  };
}
