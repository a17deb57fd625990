import stringWidth from 'string-width';

/**
 * A width in pixels that text of a font size surely fits into. The true width depends on fonts that are known only where
 * the SVG is shown; DejaVu Sans, the widest of the usual ones, takes 0.6 em for an average character.
 */
export function textWidth(text: string, size: number): number {
  return stringWidth(text) * size * 0.62;
}

/** Breaks text between words into lines that fit into `width` pixels; words that are too long are broken too. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (textWidth(joined, size) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (line !== '' && textWidth(line + character, size) > width) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** Cuts text to `width` pixels, with an ellipsis. */
export function cutText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}
