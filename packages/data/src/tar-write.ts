import { encodeTarHeader, splitTarName, tarBlock, tarPadding } from './tar-header.js';

const encoder = new TextEncoder();

/** Two blocks of zeros end an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * tarBlock);

/**
 * The pieces of one regular file in a tar archive, to be written one after another: header, content, padding.
 *
 * USTAR (POSIX.1-1988), readable by GNU tar, Python's `tarfile` and WebDataset. Names that are not ASCII or do not fit
 * are preceded by a PAX header (POSIX.1-2001). Equal arguments give equal bytes: mode 0444, owner 0, time 0.
 * `data` itself is among the pieces, not a copy.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a file of 8 GiB or more
 */
export function tarFile(name: string, data: Uint8Array): Uint8Array[] {
  const fitted = splitTarName(name);
  if (fitted !== undefined) {
    return [encodeTarHeader({ name: fitted.name, size: data.length, type: '0' }, fitted.prefix), ...padded(data)];
  }
  const record = paxRecord('path', name);
  // Readers that know PAX never see this name; the others get something harmless.
  const stand = `PaxHeaders/${name.replace(/[^\x21-\x7e]/g, '_').slice(-80)}`;
  return [
    encodeTarHeader({ name: stand, size: record.length, type: 'x' }),
    ...padded(record),
    encodeTarHeader({ name: stand, size: data.length, type: '0' }),
    ...padded(data),
  ];
}

function padded(data: Uint8Array): Uint8Array[] {
  const padding = tarPadding(data.length);
  return padding === 0 ? [data] : [data, new Uint8Array(padding)];
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = encoder.encode(` ${key}=${value}\n`).length;
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length++;
  return encoder.encode(`${length} ${key}=${value}\n`);
}
