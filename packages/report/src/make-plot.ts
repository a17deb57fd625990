import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { type Drawing, drawSvg } from './draw-svg.js';
import type { Plot, Rasterize } from './plot.js';

const pngSchema = z.strictObject({ scale: z.number().min(0.1).max(8).default(2) });

/** A plot that is drawn when it is asked for, and then kept. */
export function makePlot(drawing: Drawing, rasterize: Rasterize): Plot {
  let svg: string | undefined;
  const toSvg = (): string => {
    svg ??= drawSvg(drawing);
    return svg;
  };
  return {
    toSvg,
    async toPng(options = {}) {
      const { scale } = parseOptions(pngSchema, options, 'toPng() options');
      return rasterize({ svg: toSvg(), width: drawing.width, height: drawing.height }, scale);
    },
  };
}
