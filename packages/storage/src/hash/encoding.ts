/** Bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Hexadecimal digits as bytes. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** Bytes in base64 (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Base64 as hexadecimal digits; `undefined` when it is not base64 of `length` bytes. */
export function base64ToHex(text: string, length: number): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return bytes.length === length ? toHex(bytes) : undefined;
}

/** SHA-256 of bytes that are in memory, by WebCrypto: off the main thread, and at the speed of the processor. */
export async function sha256Of(bytes: Uint8Array): Promise<Uint8Array> {
  // The cast drops SharedArrayBuffer, which WebCrypto refuses and nothing here hands in.
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
