/** `sha256:<hex>` of bytes (FIPS 180-4, by WebCrypto). */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // The cast drops SharedArrayBuffer, which WebCrypto refuses and nothing here allocates.
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** `sha256:<hex>` of a value's {@link canonicalJson}. */
export async function jsonDigest(value: unknown): Promise<string> {
  return sha256(new TextEncoder().encode(canonicalJson(value)));
}

/** JSON with one spelling per value: no white space, properties in code-unit order (RFC 8785). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
