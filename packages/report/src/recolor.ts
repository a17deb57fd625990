import { darkColors, type PlotTheme } from './theme.js';

/** An SVG that was drawn for a light surrounding, for another. */
export function recolorSvg(svg: string, theme: PlotTheme): string {
  if (theme === 'light') return svg;
  return svg.replace(/"(#[0-9a-fA-F]{6})"/g, (attribute, color: string) => {
    const dark = darkColors.get(color);
    return dark === undefined ? attribute : `"${dark}"`;
  });
}

/** The options of a chart with every colour of the light theme exchanged. */
export function recolorOption<Option>(option: Option, theme: PlotTheme): Option {
  return theme === 'light' ? option : (recolored(option) as Option);
}

function recolored(value: unknown): unknown {
  if (typeof value === 'string') return darkColors.get(value) ?? value;
  if (Array.isArray(value)) return value.map(recolored);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      // What a series draws by itself has colours too.
      key === 'renderItem' ? (...args: unknown[]) => recolored(inner(...args)) : recolored(inner),
    ]),
  );
}

/** Style rules that turn every light plot inside `selector` dark, where it stands in a page. */
export function darkRules(selector: string): string {
  return [...darkColors]
    .map(
      ([light, dark]) =>
        `${selector} [fill="${light}"] { fill: ${dark}; } ${selector} [stroke="${light}"] { stroke: ${dark}; }`,
    )
    .join('\n');
}
