/** The shape of a character, in em: the size of the font is 1. */
export interface Glyph {
  /** How far the next character is. */
  readonly advance: number;
  /** Closed contours, y down from the baseline: points `x, y`, each on the curve or the control point of a quadratic. */
  readonly contours: readonly (readonly GlyphPoint[])[];
}

/** A point of a {@link Glyph}. */
export interface GlyphPoint {
  readonly x: number;
  readonly y: number;
  /** `false` for a control point; between two of them lies a point on the curve, as in TrueType. */
  readonly on: boolean;
}

/** Shapes for text that is drawn on images. */
export interface Font {
  /** How far letters reach above the baseline, in em. */
  readonly ascent: number;
  /** How far they reach below it, in em. */
  readonly descent: number;
  /** The shape of a character; `undefined` when the font lacks it. */
  glyph(codePoint: number): Glyph | undefined;
}
