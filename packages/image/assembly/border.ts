// What lies beyond the edge of an image. The modes, by number: 0 constant, 1 replicate (aaa|abc|ccc), 2 reflect
// (cba|abc|cba), 3 reflect101 (cb|abc|ba), 4 wrap (abc|abc|abc).

/** The index inside `0 … length - 1` that stands for `index`; not for mode 0. */
export function borderIndex(index: i32, length: i32, border: i32): i32 {
  if (<u32>index < <u32>length) return index;
  if (border == 1 || length == 1) return index < 0 ? 0 : length - 1;
  const period = border == 4 ? length : border == 2 ? 2 * length : 2 * length - 2;
  let rest = index % period;
  if (rest < 0) rest += period;
  return rest < length ? rest : (border == 2 ? period - 1 : period) - rest;
}
