import type { Schedule } from './schedule.js';

/** The optimizer's learning rate throughout. */
export function constantLR(): Schedule {
  return { description: 'constantLR', factor: () => 1 };
}
