/**
 * Closed outlines in pixels, each a list of line ends `x, y, x, y …`. What lies inside is filled; an outline inside
 * another that runs the other way round is a hole.
 */
export type Outline = readonly number[];

/** Adds a quadratic Bézier curve from the last point of an outline, as lines that are off by less than 0.05 pixels. */
export function addCurve(outline: number[], controlX: number, controlY: number, endX: number, endY: number): void {
  const startX = outline[outline.length - 2]!;
  const startY = outline[outline.length - 1]!;
  // The second difference bounds how far a chord is from the curve.
  const bend = Math.abs(startX - 2 * controlX + endX) + Math.abs(startY - 2 * controlY + endY);
  const steps = Math.max(1, Math.ceil(Math.sqrt(bend * 2.5)));
  for (let step = 1; step <= steps; step++) {
    const t = step / steps;
    const u = 1 - t;
    outline.push(
      u * u * startX + 2 * u * t * controlX + t * t * endX,
      u * u * startY + 2 * u * t * controlY + t * t * endY,
    );
  }
}

/** A rectangle from its corners. */
export function rectangle(left: number, top: number, right: number, bottom: number): Outline {
  return [left, top, right, top, right, bottom, left, bottom];
}

/** The frame between a rectangle and one that is `thickness` smaller on each side. */
export function frame(left: number, top: number, right: number, bottom: number, thickness: number): Outline[] {
  const outer = rectangle(left, top, right, bottom);
  if (right - left <= 2 * thickness || bottom - top <= 2 * thickness) return [outer];
  const [l, t, r, b] = [left + thickness, top + thickness, right - thickness, bottom - thickness];
  return [outer, [l, t, l, b, r, b, r, t]];
}

/** A circle, of eight curves: off by less than a thousandth of its radius. */
export function circle(x: number, y: number, radius: number): Outline {
  const half = radius * Math.SQRT1_2;
  const control = radius * (Math.SQRT2 - 1);
  const outline = [x + radius, y];
  const corners: readonly (readonly [number, number, number, number])[] = [
    [radius, control, half, half],
    [control, radius, 0, radius],
    [-control, radius, -half, half],
    [-radius, control, -radius, 0],
    [-radius, -control, -half, -half],
    [-control, -radius, 0, -radius],
    [control, -radius, half, -half],
    [radius, -control, radius, 0],
  ];
  for (const [cx, cy, ex, ey] of corners) addCurve(outline, x + cx, y + cy, x + ex, y + ey);
  return outline;
}

/** A line of a thickness, with square ends. */
export function thickLine(fromX: number, fromY: number, toX: number, toY: number, thickness: number): Outline {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const length = Math.sqrt(dx * dx + dy * dy);
  if (length === 0) return [];
  const [nx, ny] = [(-dy / length) * (thickness / 2), (dx / length) * (thickness / 2)];
  return [fromX + nx, fromY + ny, toX + nx, toY + ny, toX - nx, toY - ny, fromX - nx, fromY - ny];
}
