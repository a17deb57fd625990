// Borders left and right of rows. Which pixel a border pixel repeats is decided by the host, once for all rows.

/**
 * Widens `rows` rows of `width` pixels by `left` and `right`. Entry i of `borders` (left ones first) is the byte offset
 * in the row of the pixel that border pixel i repeats; a negative one takes the pixel at `fill`.
 */
export function padRows(
  from: usize,
  to: usize,
  width: i32,
  rows: i32,
  size: i32,
  left: i32,
  right: i32,
  borders: usize,
  fill: usize,
): void {
  const row = <usize>width * size;
  for (let y = 0; y < rows; y++) {
    to = padBorder(from, to, left, size, borders, fill);
    memory.copy(to, from, row);
    to = padBorder(from, to + row, right, size, borders + ((<usize>left) << 2), fill);
    from += row;
  }
}

/** Writes a little more than a pixel each time: what comes behind is written later. */
function padBorder(row: usize, to: usize, count: i32, size: i32, borders: usize, fill: usize): usize {
  for (let i = 0; i < count; i++) {
    const offset = load<i32>(borders + ((<usize>i) << 2));
    const source = offset < 0 ? fill : row + offset;
    if (size <= 4) store<u32>(to, load<u32>(source));
    else v128.store(to, v128.load(source));
    to += size;
  }
  return to;
}
