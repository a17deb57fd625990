// Strings.
import { broadcastPositions, broadcastShape } from '../indexing.js';
import { unsupported } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { asTensor, bools, int64, strings, tensorValue } from '../value.js';

export const StringConcat: Kernel = ([first, second]) => {
  const [a, b] = [asTensor(first), asTensor(second)];
  const dims = broadcastShape(a.dims, b.dims);
  const [left, right] = [strings(a), strings(b)];
  const fromRight = broadcastPositions(b.dims, dims);
  const texts = Array.from(broadcastPositions(a.dims, dims), (from, at) => left[from]! + right[fromRight[at]!]!);
  return [tensorValue('string', dims, texts)];
};

export const StringSplit: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const delimiter = context.string('delimiter', '');
  const limit = context.int('maxsplit', Number.POSITIVE_INFINITY);
  const pieces = strings(tensor).map((text) =>
    delimiter === '' ? splitSpaces(text, limit) : splitAt(text, delimiter, limit),
  );
  const most = Math.max(0, ...pieces.map(({ length }) => length));
  const padded = pieces.flatMap((row) => Array.from({ length: most }, (_, at) => row[at] ?? ''));
  return [
    tensorValue('string', [...tensor.dims, most], padded),
    int64(
      tensor.dims,
      pieces.map(({ length }) => length),
    ),
  ];
};

function splitAt(text: string, delimiter: string, limit: number): string[] {
  const all = text.split(delimiter);
  return all.length - 1 <= limit ? all : [...all.slice(0, limit), all.slice(limit).join(delimiter)];
}

/** Split at runs of white space, none at the ends; what is left after the last split keeps its spaces inside. */
function splitSpaces(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest !== '' && parts.length < limit) {
    const gap = /\s+/.exec(rest);
    if (gap === null) break;
    parts.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return rest === '' ? parts : [...parts, rest];
}

/** Matches whole texts. The pattern's syntax is RE2's; JavaScript has all of it but inline flags within the pattern. */
export const RegexFullMatch: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const pattern = context.string('pattern', '');
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  let expression: RegExp;
  try {
    const body = pattern.slice(flags?.[0].length ?? 0).replaceAll('(?P<', '(?<');
    expression = new RegExp(`^(?:${body})$`, `u${flags?.[1] ?? ''}`);
  } catch {
    throw unsupported(`Expected a pattern that JavaScript knows but received ${JSON.stringify(pattern)}`);
  }
  return [
    bools(
      tensor.dims,
      strings(tensor).map((text) => expression.test(text)),
    ),
  ];
};

export const StringNormalizer: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const action = context.string('case_change_action', 'NONE');
  const locale = context.string('locale', 'en_US').replace('_', '-');
  const sensitive = context.int('is_case_sensitive', 0) === 1;
  const folded = (text: string) => (sensitive ? text : text.toLocaleLowerCase(locale));
  const stopwords = new Set(context.strings('stopwords')?.map(folded));
  const kept = strings(tensor)
    .filter((text) => !stopwords.has(folded(text)))
    .map((text) =>
      action === 'LOWER' ? text.toLocaleLowerCase(locale) : action === 'UPPER' ? text.toLocaleUpperCase(locale) : text,
    );
  const texts = kept.length === 0 ? [''] : kept;
  return [tensorValue('string', tensor.dims.length === 2 ? [1, texts.length] : [texts.length], texts)];
};
