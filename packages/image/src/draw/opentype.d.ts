// The part of opentype.js that is used; it has no types of its own.
declare module 'opentype.js' {
  interface PathCommand {
    readonly type: 'M' | 'L' | 'Q' | 'C' | 'Z';
    readonly x: number;
    readonly y: number;
    readonly x1: number;
    readonly y1: number;
    readonly x2: number;
    readonly y2: number;
  }
  interface OpenTypeFont {
    readonly unitsPerEm: number;
    readonly ascender: number;
    readonly descender: number;
    charToGlyphIndex(character: string): number;
    charToGlyph(character: string): {
      readonly advanceWidth?: number;
      readonly path: { commands: readonly PathCommand[] };
    };
  }
  export function parse(bytes: ArrayBuffer): OpenTypeFont;
}
