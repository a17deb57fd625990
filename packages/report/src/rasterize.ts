import { PerceptError } from '@percept/core';
import type { Picture } from './plot.js';

/** Draws with the canvas of the page. */
export async function rasterize({ svg, width, height }: Picture, scale: number): Promise<Uint8Array> {
  if (typeof document === 'undefined') {
    throw new PerceptError(
      'REPORT_PNG_FAILED',
      'Expected a page with a document to draw a PNG in but received a worker. Use toSvg() there, and toPng() in the page',
    );
  }
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
    return new Uint8Array(await blob!.arrayBuffer());
  } catch (cause) {
    throw new PerceptError(
      'REPORT_PNG_FAILED',
      `The plot could not be drawn as PNG at ${Math.round(width * scale)} × ${Math.round(height * scale)} pixels. Use toSvg(), or a smaller scale`,
      { cause },
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
