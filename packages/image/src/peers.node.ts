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

/** libjpeg-turbo, or `undefined` when it is not installed: then sharp decodes JPEG. */
export async function loadJpegTurbo(): Promise<typeof import('@julusian/jpeg-turbo') | undefined> {
  try {
    const module = await import('@julusian/jpeg-turbo');
    return 'default' in module ? (module.default as typeof module) : module;
  } catch {
    return undefined;
  }
}
