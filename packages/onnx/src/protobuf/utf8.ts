// Text that survives a round trip whatever its bytes are: what is no UTF-8 becomes lone surrogates (U+DC80..U+DCFF, one
// for each byte), as in PEP 383, and turns into the same bytes again when it is written.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const loneSurrogate = /\p{Surrogate}/u;

/** Longest text for which a loop is quicker than a TextDecoder. */
const shortLength = 12;

/** Decodes UTF-8; bytes that are none become lone surrogates. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length <= shortLength) {
    let text = '';
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index]!;
      if (byte > 0x7f) return decodeUtf8(bytes) ?? escapeBytes(bytes);
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decodeUtf8(bytes) ?? escapeBytes(bytes);
}

/** Decodes UTF-8, or gives nothing where the bytes are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Encodes as UTF-8; lone surrogates that {@link decodeText} made become the bytes that they stand for. */
export function encodeText(text: string): Uint8Array {
  if (!loneSurrogate.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

/** Text of bytes of which some are no UTF-8: the longest valid sequences are decoded, the other bytes escaped. */
function escapeBytes(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]!);
    const sequence = bytes.subarray(at, at + length);
    const text = sequence.length === length ? decodeUtf8(sequence) : undefined;
    parts.push(text ?? String.fromCharCode(0xdc00 + bytes[at]!));
    at += text === undefined ? 1 : length;
  }
  return parts.join('');
}

/** Bytes of the UTF-8 sequence that begins with `byte`; 1 where none does. */
function sequenceLength(byte: number): number {
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}
