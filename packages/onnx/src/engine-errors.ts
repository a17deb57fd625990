import { PerceptError } from '@percept/core';
import { EngineFailure } from './engine.js';

/** Turns an engine's failure into the error that the caller sees; anything else is given back as it is. */
export function toPerceptError(error: unknown): unknown {
  if (!(error instanceof EngineFailure)) return error;
  const { kind, message } = error;
  const options = { cause: error.cause ?? error };
  switch (kind) {
    case 'missing-peer':
      return new PerceptError('MISSING_PEER', message, options);
    case 'conflict':
      return new PerceptError('ONNX_RUNTIME_CONFLICT', message, options);
    case 'provider':
      return new PerceptError('ONNX_PROVIDER_UNAVAILABLE', message, options);
    case 'load':
      return new PerceptError('ONNX_SESSION_FAILED', message, options);
    case 'run':
      return new PerceptError('ONNX_RUN_FAILED', message, options);
  }
}
