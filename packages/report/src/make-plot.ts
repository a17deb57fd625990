import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { rasterize } from '#rasterize';
import { drawSvg } from './draw-svg.js';
import type { Plot } from './plot.js';
import { drawingOf, type PlotSpec } from './plot-spec.js';
import { recolorSvg } from './recolor.js';

const theme = z.enum(['light', 'dark']).default('light');
const svgSchema = z.strictObject({ theme });
const pngSchema = z.strictObject({ theme, scale: z.number().min(0.1).max(8).default(2) });

/** A plot that is drawn when it is asked for, and then kept. */
export function makePlot(spec: PlotSpec): Plot {
  const drawing = drawingOf(spec);
  const { width, height } = drawing;
  let light: string | undefined;
  const draw = (): string => {
    light ??= drawSvg(drawing);
    return light;
  };
  return {
    spec,
    toSvg(options = {}) {
      const { theme } = parseOptions(svgSchema, options, 'toSvg() options');
      return recolorSvg(draw(), theme);
    },
    async toPng(options = {}) {
      const { theme, scale } = parseOptions(pngSchema, options, 'toPng() options');
      return rasterize({ svg: recolorSvg(draw(), theme), width, height }, scale);
    },
  };
}
