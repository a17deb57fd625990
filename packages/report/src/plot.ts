import type { PlotSpec } from './plot-spec.js';
import type { PlotTheme } from './theme.js';

/** Options of {@link Plot.toSvg}. */
export interface SvgOptions {
  /** Drawn for a light or a dark surrounding. Default `light`. */
  theme?: PlotTheme;
}

/** Options of {@link Plot.toPng}. */
export interface PngOptions extends SvgOptions {
  /** Pixels of the image per pixel of the plot, 0.1..8. Default 2, sharp on high-density screens. */
  scale?: number;
}

/** A picture of data. Equal options give equal SVG, byte for byte. */
export interface Plot {
  /** What it was made from, as JSON: it can be stored, sent to a page, and shown there live. */
  readonly spec: PlotSpec;
  /**
   * An SVG document without scripts, external resources or random ids; may stand inside an HTML page as it is.
   *
   * @throws PerceptError `INVALID_ARGUMENT` for options out of range
   */
  toSvg(options?: SvgOptions): string;
  /**
   * A PNG. In Node it is drawn by resvg with the DejaVu fonts, so that it looks the same on every machine; in a
   * browser's page by its canvas with the page's fonts (a worker has no canvas that draws SVG).
   *
   * @throws PerceptError `INVALID_ARGUMENT` for options out of range, `REPORT_PNG_FAILED` when the drawing failed
   */
  toPng(options?: PngOptions): Promise<Uint8Array>;
}

/** An SVG with its size. */
export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}
