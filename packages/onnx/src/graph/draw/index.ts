export { type DrawSvgOptions, drawSvg } from './draw-svg.js';
export { type DrawTextOptions, drawText } from './draw-text.js';
