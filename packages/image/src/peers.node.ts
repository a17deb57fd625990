import { PerceptError } from '@percept/core';

/** The sharp module. Throws `MISSING_PEER` with the install line when it is not installed. */
export async function loadSharp(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new PerceptError(
      'MISSING_PEER',
      'Expected the optional package sharp for this image format or size; install it: npm install sharp',
      { details: { package: 'sharp', install: 'npm install sharp' }, cause },
    );
  }
}

type JpegTurbo = typeof import('@julusian/jpeg-turbo');

let turbo: Promise<JpegTurbo | undefined> | undefined;

/** libjpeg-turbo, or `undefined` when it is not installed: then sharp decodes JPEG. Looked for once. */
export function loadJpegTurbo(): Promise<JpegTurbo | undefined> {
  turbo ??= importJpegTurbo();
  return turbo;
}

async function importJpegTurbo(): Promise<JpegTurbo | undefined> {
  try {
    const module: JpegTurbo & { readonly default?: JpegTurbo } = await import('@julusian/jpeg-turbo');
    return module.default ?? module;
  } catch {
    return undefined;
  }
}
