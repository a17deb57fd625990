/** Options of {@link Plot.toPng}. */
export interface PngOptions {
  /** Pixels of the image per pixel of the plot, 0.1..8. Default 2, sharp on high-density screens. */
  scale?: number;
}

/** A picture of data. Equal options give equal SVG, byte for byte. */
export interface Plot {
  /** An SVG document without scripts, external resources or random ids; may stand inside an HTML page as it is. */
  toSvg(): string;
  /**
   * A PNG with a white background. In Node it is drawn by resvg with the DejaVu fonts, so that it looks the same on
   * every machine; in a browser's page by its canvas with the page's fonts (a worker has no canvas that draws SVG).
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

/** Draws a picture as PNG, `scale` times as large. */
export type Rasterize = (picture: Picture, scale: number) => Promise<Uint8Array>;
