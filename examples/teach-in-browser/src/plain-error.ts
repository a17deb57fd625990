import { isPerceptError } from '@percept/core';

/** Something went wrong and its message is meant for the person at the page. */
export class PlainError extends Error {}

/** What happened, for the person at the page. */
export function inWords(error: unknown): string {
  if (error instanceof PlainError) return error.message;
  if (isPerceptError(error, 'STORAGE_FULL')) {
    return 'This device has no room left for the page. Delete pictures, or free some space, then try again.';
  }
  if (isPerceptError(error, 'STORAGE_PERMISSION') || isPerceptError(error, 'STORAGE_UNSUPPORTED')) {
    return 'This browser gives the page no place to keep pictures. Private windows often don’t; try an ordinary one.';
  }
  if (isPerceptError(error, 'TRAIN_DIVERGED')) return 'The learning got lost. Teach again; other pictures may help.';
  return `That did not work: ${error instanceof Error ? error.message : String(error)}`;
}

/** Whether a call was stopped on purpose. */
export function wasStopped(error: unknown): boolean {
  return isPerceptError(error, 'ABORTED');
}
