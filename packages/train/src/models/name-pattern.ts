import * as z from 'zod';

/**
 * Which names are meant: a name, a glob in which `*` stands for any characters (dots too) and `?` for one, a regular
 * expression that is found anywhere in the name, or several of these.
 */
export type NamePattern = string | RegExp | readonly (string | RegExp)[];

const one = z.union([z.string().min(1), z.instanceof(RegExp)]);

/** The schema of {@link NamePattern}. */
export const namePatternSchema = z.union([one, z.array(one)]);

/** The single patterns of a {@link NamePattern}. */
export function singlePatterns(pattern: NamePattern): readonly (string | RegExp)[] {
  return typeof pattern === 'string' || pattern instanceof RegExp ? [pattern] : pattern;
}

/** Whether the pattern means the name. */
export function matchesName(pattern: NamePattern, name: string): boolean {
  return singlePatterns(pattern).some((single) =>
    typeof single === 'string' ? single === name || glob(single).test(name) : name.search(single) >= 0,
  );
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
