// The few things that the parts of the page do with elements.

/** The element of `index.html` with this id. */
export function byId<Type extends HTMLElement = HTMLElement>(id: string): Type {
  return document.getElementById(id) as Type;
}

/** Makes an element with attributes and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/** Makes an element of a drawing. */
export function drawn(
  tag: string,
  attributes: Readonly<Record<string, string | number>> = {},
  text?: string,
): SVGElement {
  const made = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A line icon of one path. */
export function icon(path: string): SVGElement {
  const made = drawn('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' });
  made.append(drawn('path', { d: path }));
  return made;
}

/** Shows a text, or hides the element when there is none. */
export function showText(target: HTMLElement, text: string | undefined): void {
  target.textContent = text ?? '';
  target.hidden = text === undefined;
}

/** Takes files that are dropped on an element, and marks it while they hover. */
export function takeDrops(target: HTMLElement, onFiles: (files: File[]) => void): void {
  const mark = (over: boolean): void => void target.classList.toggle('over', over);
  target.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    mark(true);
  });
  target.addEventListener('dragleave', () => mark(false));
  target.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) onFiles(files);
  });
}

/** Takes files that are chosen in an input, which can then be used for the same file again. */
export function takeFiles(input: HTMLInputElement, onFiles: (files: File[]) => void): void {
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length > 0) onFiles(files);
  });
}

/** The colour of a class, as a hue for the style sheet. */
export function hueOf(index: number): string {
  const hues = [268, 45, 165, 350, 220, 110, 310, 75, 195, 20, 245, 140];
  return String(hues[index % hues.length]);
}

/** Tells people who listen to the page. */
export function announce(text: string): void {
  byId('announcer').textContent = text;
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
