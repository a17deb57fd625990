import * as z from 'zod';

/** The schema of what others implement, known by a method that it has; `what` names it in messages. */
export const withMethod = <T>(method: keyof T & string, what: string) =>
  z.custom<T>((value) => typeof (value as Record<string, unknown> | null)?.[method] === 'function', what);
