/** All parts as one array of their own. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** How content is named in Percept: `sha256:` and the SHA-256 of the bytes (FIPS 180-4) in lower-case hexadecimal. */
export async function sha256Digest(bytes: Uint8Array): Promise<string> {
  // The cast drops SharedArrayBuffer, which WebCrypto refuses.
  return `sha256:${toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)))}`;
}
