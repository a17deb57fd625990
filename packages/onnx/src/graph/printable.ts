/**
 * One line of text as a terminal may be given it: control characters, which names in a file may hold and which a terminal
 * would obey, replaced one by one, so that columns stay.
 */
export function printable(line: string): string {
  // Unicode's control characters, and halves of surrogate pairs.
  return line.replace(/[\p{Cc}\p{Cs}]/gu, '\ufffd');
}
