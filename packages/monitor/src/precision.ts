/**
 * The precision of profiles: five significant digits. Values are rounded before they are compared with a profile, so that
 * a value that the profile knows exactly (the width of all images) is met exactly.
 */
export function significant(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : value;
}

/**
 * Scores are compared in steps of 0.001. What lies below has no meaning for the user and differs between runtimes and
 * between a model and its quantized form.
 */
export function scoreStep(score: number): number {
  return Math.round(score * 1000) / 1000;
}
