import { createRequire } from 'node:module';
import { PerceptError } from '@percept/core';
import type { Picture } from './plot.js';

const { resolve } = createRequire(import.meta.url);

const beyondDejaVu =
  /[^\p{Script=Common}\p{Script=Inherited}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}\p{Script=Arabic}]/u;

/**
 * Draws with resvg and the DejaVu fonts, so that the machine's fonts, if it has any, change nothing. They are looked for
 * only when the text has scripts that DejaVu lacks (Chinese, Japanese, Korean, Devanagari, Thai).
 */
export async function rasterize({ svg }: Picture, scale: number): Promise<Uint8Array> {
  try {
    const { renderAsync } = await import('@resvg/resvg-js');
    const image = await renderAsync(svg, {
      fitTo: { mode: 'zoom', value: scale },
      font: {
        loadSystemFonts: beyondDejaVu.test(svg),
        fontFiles: ['DejaVuSans', 'DejaVuSans-Bold'].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)),
        defaultFontFamily: 'DejaVu Sans',
        sansSerifFamily: 'DejaVu Sans',
      },
    });
    return new Uint8Array(image.asPng());
  } catch (cause) {
    throw new PerceptError(
      'REPORT_PNG_FAILED',
      `The plot could not be drawn as PNG: ${cause instanceof Error ? cause.message : cause}. Use toSvg(), or reinstall @resvg/resvg-js for this platform`,
      { cause },
    );
  }
}
