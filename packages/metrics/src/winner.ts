import { undecided } from './confusion-matrix.js';

/**
 * What a tie of scores gives: `wrong` gives it to nobody, so that a saturated or constant model scores nothing; `first`
 * gives it to the lowest class index, as `argmax` of NumPy and PyTorch.
 */
export type TieRule = 'wrong' | 'first';

/**
 * The class whose score is above all others in a row of scores; -1 (undecided) when a score is NaN or infinite, or when
 * the best score is shared and `ties` is `wrong`.
 *
 * @param scores - logits or probabilities; the row is `scores[offset]` to `scores[offset + classes - 1]`
 */
export function winningClass(
  scores: ArrayLike<number>,
  offset: number,
  classes: number,
  ties: TieRule = 'wrong',
): number {
  let best = undecided;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) {
    const score = scores[offset + c]!;
    if (!Number.isFinite(score)) return undecided;
    if (score > bestScore) {
      best = c;
      bestScore = score;
    } else if (score === bestScore && ties === 'wrong') best = undecided;
  }
  return best;
}

/**
 * How many other classes come before class `actual` in a row of scores: those that score higher, and of those that
 * score the same all (`wrong`) or the ones with a lower index (`first`). Infinity when a score is not finite.
 */
export function rankOf(
  scores: ArrayLike<number>,
  offset: number,
  classes: number,
  actual: number,
  ties: TieRule,
): number {
  const own = scores[offset + actual]!;
  let rank = 0;
  for (let c = 0; c < classes; c++) {
    const score = scores[offset + c]!;
    if (!Number.isFinite(score)) return Number.POSITIVE_INFINITY;
    if (score > own || (score === own && c !== actual && (ties === 'wrong' || c < actual))) rank++;
  }
  return rank;
}
