import type { Image } from '@percept/core';

/** The pixels that `scene.py` calls noise. */
export function noise(width: number, height: number, channels: 1 | 3 | 4, seed = 1): Image<Uint8Array> {
  let state = seed;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { width, height, channels, data };
}

/** Bytes that a golden file holds as base64. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Largest difference between two arrays of one length; infinite when the lengths differ. */
export function largestDifference(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length !== second.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < first.length; i++) largest = Math.max(largest, Math.abs(first[i]! - second[i]!));
  return largest;
}
