import {
  brightness,
  compose,
  contrast,
  horizontalFlip,
  randomResizedCrop,
  rotate,
  saturation,
  verticalFlip,
  zoom,
} from '@percept/augment';
import { noise } from '../image/goldens.js';

const augment = compose([
  horizontalFlip(),
  verticalFlip(),
  rotate({ degrees: 25, fill: 40 }),
  zoom({ scale: [0.8, 1.3] }),
  randomResizedCrop({ scale: [0.4, 1] }),
  brightness({ by: [0.6, 1.4] }),
  contrast({ by: [0.6, 1.4] }),
  saturation({ by: [0, 2] }),
]);

/** SHA-256 (hex) of the pixels that all transforms together make of noise: must be the same in every engine. */
export async function everything(context: { seed: number; epoch: number; key: string }): Promise<string> {
  const { data } = augment(noise(32, 28, 3), context);
  const digest = await crypto.subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
