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
  [120, 90, 255],
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

/** The colour of a class, by its index; after twenty classes they start again. */
export function classColor(index: number): Color {
  const count = classColors.length;
  return classColors[((index % count) + count) % count]!;
}

/** Black or white, whichever reads better on a colour (relative luminance by the weights of Rec. 709). */
export function readableOn([red, green, blue]: Color): Color {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 130 ? [0, 0, 0] : [255, 255, 255];
}
