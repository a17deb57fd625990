// Table look-ups of bytes.

/** Every byte through one table of 256, eight at a time. */
export function lookUp(from: usize, to: usize, length: i32, table: usize): void {
  for (let i = 0; i < length; i += 8) {
    const bytes = load<u64>(from + i);
    const low = <u32>bytes;
    const high = <u32>(bytes >> 32);
    const a = <u32>load<u8>(table + (low & 255)) | ((<u32>load<u8>(table + ((low >> 8) & 255))) << 8);
    const b = <u32>load<u8>(table + ((low >> 16) & 255)) | ((<u32>load<u8>(table + (low >> 24))) << 8);
    const c = <u32>load<u8>(table + (high & 255)) | ((<u32>load<u8>(table + ((high >> 8) & 255))) << 8);
    const d = <u32>load<u8>(table + ((high >> 16) & 255)) | ((<u32>load<u8>(table + (high >> 24))) << 8);
    store<u64>(to + i, <u64>(a | (b << 16)) | ((<u64>(c | (d << 16))) << 32));
  }
}

/** Bytes of interleaved channels, each through its channel's table of 256; tables lie one behind the other. */
export function lookUpChannels(from: usize, to: usize, pixels: i32, channels: i32, tables: usize): void {
  const end = from + pixels * channels;
  if (channels === 3) {
    while (from < end) {
      const first = load<u32>(from);
      store<u8>(to, load<u8>(tables + (first & 255)));
      store<u8>(to + 1, load<u8>(tables + 256 + ((first >> 8) & 255)));
      store<u8>(to + 2, load<u8>(tables + 512 + ((first >> 16) & 255)));
      from += 3;
      to += 3;
    }
  } else {
    while (from < end) {
      const pixel = load<u32>(from);
      const a = <u32>load<u8>(tables + (pixel & 255)) | ((<u32>load<u8>(tables + 256 + ((pixel >> 8) & 255))) << 8);
      const b =
        <u32>load<u8>(tables + 512 + ((pixel >> 16) & 255)) | ((<u32>load<u8>(tables + 768 + (pixel >> 24))) << 8);
      store<u32>(to, a | (b << 16));
      from += 4;
      to += 4;
    }
  }
}
