import { PerceptError } from '@percept/core';

/**
 * The key of the file that a model's `external_data` names: beside the model file or in folders below. A model comes
 * from somebody else, so it must not reach out of its folder.
 *
 * @throws PerceptError `ONNX_EXTERNAL_DATA_LOCATION` when the path is absolute, has a `..`, a backslash or a drive, or is
 *   none at all
 */
export function externalKey(modelKey: string, location: string): string {
  const segments = location.split('/').filter((segment) => segment !== '.' && segment !== '');
  const isBad =
    segments.length === 0 ||
    segments.includes('..') ||
    /^\/|^[A-Za-z]:|[\\\0]|\/$/.test(location) ||
    /^[A-Za-z][A-Za-z0-9+.-]*:/.test(location);
  if (isBad) {
    throw new PerceptError(
      'ONNX_EXTERNAL_DATA_LOCATION',
      `Expected the weights of ${modelKey} in a file beside it or below but received the location ${JSON.stringify(location)}. Do not open models that reach out of their folder; if you trust this one, move its weights and save it anew`,
      { details: { location } },
    );
  }
  const folder = modelKey.slice(0, modelKey.lastIndexOf('/') + 1);
  return folder + segments.join('/');
}
