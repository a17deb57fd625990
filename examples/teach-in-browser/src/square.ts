// Pictures as the model gets to see them: the square in the middle, small, in colour.
import type { Image } from '@percept/core';
import { resizeImage, toRgb } from '@percept/image';

/** Width and height of the pictures that are kept, in pixels: what most pretrained networks look at. */
const pictureSize = 224;

/** The square in the middle of a picture, {@link pictureSize} pixels wide. Closes the bitmap. */
export function squareOf(bitmap: ImageBitmap): Image<Uint8Array> {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const side = Math.min(width, height);
  const { data } = context.getImageData((width - side) >> 1, (height - side) >> 1, side, side);
  return smallSquare({ width: side, height: side, channels: 4, data: new Uint8Array(data.buffer) });
}

/** A square picture in colour, {@link pictureSize} pixels wide. */
function smallSquare(square: Image): Image<Uint8Array> {
  const colour = toRgb(square);
  return square.width === pictureSize ? colour : resizeImage(colour, { width: pictureSize, height: pictureSize });
}
