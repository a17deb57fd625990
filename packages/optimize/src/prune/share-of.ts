/**
 * So many of `count` as the share says, rounded as PyTorch's pruning does (`round` of Python: halves to the even number), so
 * that the same request removes the same number.
 */
export function shareOf(count: number, share: number): number {
  const exact = count * share;
  const below = Math.floor(exact);
  if (exact - below !== 0.5) return Math.round(exact);
  return below % 2 === 0 ? below : below + 1;
}
