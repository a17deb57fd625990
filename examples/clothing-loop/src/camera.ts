import { brightness } from '@percept/augment';
import { type Image, keyedRandom, type Random, type Sample } from '@percept/core';
import { decodeImage, encodeImage, resizeImage } from '@percept/image';

/** How dark the bad camera's pictures are, as a factor of brightness. */
const darkness = 0.35;
/** How much detail is left, as a factor of width and height. */
const detail = 0.4;

/** A photo as a badly lit, badly focused camera would take it: darkened, then blurred by shrinking and enlarging. */
export async function badCamera(photo: Sample): Promise<Sample> {
  const image = await decodeImage(photo.image, { color: 'source' });
  const taken = blur(darken(image, keyedRandom('camera', photo.key)));
  return { ...photo, image: await encodeImage(taken, { format: 'png' }), extension: 'png' };
}

function darken(image: Image, random: Random): Image {
  return brightness({ by: [darkness, darkness] }).apply(image, random);
}

function blur(image: Image): Image {
  const width = Math.max(1, Math.round(image.width * detail));
  const height = Math.max(1, Math.round(image.height * detail));
  const small = resizeImage(image, { width, height, filter: 'area' });
  return resizeImage(small, { width: image.width, height: image.height, filter: 'bilinear' });
}
