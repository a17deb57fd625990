import { sha256Digest } from '@percept/core';

/** `sha256:<hex>` of a value's {@link canonicalJson}. */
export async function jsonDigest(value: unknown): Promise<string> {
  return sha256Digest(new TextEncoder().encode(canonicalJson(value)));
}

/** JSON with one spelling per value: no white space, properties in code-unit order (RFC 8785). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
