export {
  type AnnotateOptions,
  type Annotations,
  annotateImage,
  type BoxAnnotation,
  type KeypointAnnotation,
  type MaskAnnotation,
} from './annotate.js';
export { type Color, classColor } from './class-color.js';
export { type ContactSheetOptions, contactSheet, type SheetEntry } from './contact-sheet.js';
export type { Font, Glyph, GlyphPoint } from './font.js';
export { loadFont } from './load-font.js';
