import type { ExternalData } from '../model-tensors.js';
import { malformed } from '../protobuf/reader.js';
import { type EntriesCodec, pairEntries } from '../spelling.js';

/** The `external_data` of a TensorProto, see {@link EntriesCodec}. */
export const externalDataEntries: EntriesCodec<ExternalData> = {
  read(entries) {
    const { location, offset, length, checksum, ...extra } = Object.fromEntries(pairEntries.read(entries));
    return {
      location: location ?? '',
      ...(offset !== undefined && { offset: readCount(offset, 'offset') }),
      ...(length !== undefined && { length: readCount(length, 'length') }),
      ...(checksum !== undefined && { checksum }),
      ...(Object.keys(extra).length > 0 && { extra }),
    };
  },
  write({ location, offset, length, checksum, extra }) {
    const pairs = Object.entries({ location, offset, length, checksum, ...extra });
    return pairEntries.write(pairs.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])));
  },
};

function readCount(text: string, what: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw malformed(`the ${what} of external data is ${JSON.stringify(text)}`);
}
