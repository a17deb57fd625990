/**
 * Calls `task(0)`, `task(1)`, … up to `count` and gives the results in order, with at most `ahead` calls begun and not
 * yet taken. After an error, or when the loop is left early, no further call begins.
 */
export async function* readAhead<Result>(
  count: number,
  ahead: number,
  task: (index: number) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const pending: Promise<Result>[] = [];
  let begun = 0;
  const fill = (): void => {
    while (pending.length < ahead && begun < count) {
      const promise = task(begun++);
      // Whoever takes it sees a rejection; one that is never taken must not count as unhandled.
      promise.catch(() => {});
      pending.push(promise);
    }
  };
  for (fill(); pending.length > 0; fill()) yield await pending.shift()!;
}
