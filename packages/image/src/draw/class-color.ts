import { describeValue, PerceptError } from '@percept/core';

/** Red, green and blue, each 0..255. */
export type Color = readonly [red: number, green: number, blue: number];

/** Twenty colours that are told apart on photographs, neighbours far from each other (after Kelly 1965). */
const classColors: readonly Color[] = [
  [255, 179, 0],
  [0, 125, 255],
  [230, 25, 75],
  [60, 200, 80],
  [200, 90, 255],
  [0, 215, 215],
  [255, 110, 30],
  [250, 80, 200],
  [160, 220, 0],
  [110, 80, 255],
  [0, 150, 130],
  [255, 225, 60],
  [170, 40, 40],
  [90, 160, 255],
  [255, 150, 140],
  [0, 120, 60],
  [190, 150, 255],
  [150, 100, 40],
  [130, 255, 190],
  [130, 0, 110],
];

/**
 * The colour of a class, by its index; after twenty classes they start again.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an index that is not an integer
 */
export function classColor(index: number): Color {
  if (!Number.isInteger(index)) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected an integer for the index of a class but received ${index}`);
  }
  const count = classColors.length;
  return classColors[((index % count) + count) % count]!;
}

/**
 * Checks a colour of the caller's own.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for anything but three numbers from 0 to 255
 */
export function requireColor(color: Color, name: string): Color {
  const fits = Array.isArray(color) && color.length === 3 && color.every((value) => value >= 0 && value <= 255);
  if (fits) return color;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected red, green and blue, each 0..255, for the color of ${name} but received ${Array.isArray(color) ? `[${color.join(', ')}]` : describeValue(color)}`,
  );
}

/**
 * Black or white, whichever has more contrast on a colour (WCAG 2's contrast ratio; samples are made linear by squaring,
 * which is near enough to sRGB's curve and the same everywhere).
 */
export function readableOn([red, green, blue]: Color): Color {
  const luminance = 0.2126 * red * red + 0.7152 * green * green + 0.0722 * blue * blue;
  // The grey on which both read alike is at 117 of 255.
  return luminance > 117 * 117 ? [0, 0, 0] : [255, 255, 255];
}
