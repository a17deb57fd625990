import { throwIfAborted } from '@percept/core';
import type { Engine } from './engine.js';
import { toPerceptError } from './engine-errors.js';
import { EngineSession } from './engine-session.js';
import type { Session } from './runtime.js';

/**
 * Opens a session on an engine. A runtime that loads a model cannot be stopped: on an abort the call rejects at once, and the
 * engine is closed as soon as it is there.
 *
 * @throws PerceptError `ABORTED`, and what the engine's failure means
 */
export async function openSession(open: () => Promise<Engine>, signal: AbortSignal | undefined): Promise<Session> {
  throwIfAborted(signal);
  try {
    return new EngineSession(await unlessAborted(open(), signal));
  } catch (error) {
    throw toPerceptError(error);
  }
}

async function unlessAborted(opening: Promise<Engine>, signal: AbortSignal | undefined): Promise<Engine> {
  let forget = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    const listener = (): void => resolve(undefined);
    signal?.addEventListener('abort', listener);
    forget = () => signal?.removeEventListener('abort', listener);
  });
  try {
    const engine = await Promise.race([opening, aborted]);
    if (engine !== undefined && !signal?.aborted) return engine;
  } finally {
    forget();
  }
  opening.then(
    (engine) => engine.close(),
    () => {},
  );
  throwIfAborted(signal);
  return opening;
}
