/** One line of text without control characters, which could move a terminal's cursor or break a table. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
