/**
 * Since 1.29 onnxruntime's own builds tell Microsoft about the machine and every model that is opened, and keep files for
 * that in the home folder and the temporary one. That is not ours to permit: it is switched off, unless the environment
 * says something about it. It has to be called in the main thread before the native library is loaded, because the
 * environment of a worker thread is a copy.
 */
export function switchTelemetryOff(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
