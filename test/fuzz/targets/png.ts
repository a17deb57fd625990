import type { FuzzTarget } from '../target.js';
import { imageSeeds, probeAndDecode } from './jpeg.js';

/** PNG: every colour type and depth, interlaced, with palettes, transparency, profiles, orientations and frames. */
export const target: FuzzTarget = {
  name: 'png',
  seeds: () => imageSeeds('png'),
  run: probeAndDecode,
};
