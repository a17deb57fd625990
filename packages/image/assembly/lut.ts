// Table look-ups of bytes.

/** Every byte through one table of 256. */
export function lookUp(from: usize, to: usize, length: i32, table: usize): void {
  const end = from + length;
  for (; from < end; from += 8) {
    store<u8>(to, load<u8>(table + load<u8>(from)));
    store<u8>(to, load<u8>(table + load<u8>(from, 1)), 1);
    store<u8>(to, load<u8>(table + load<u8>(from, 2)), 2);
    store<u8>(to, load<u8>(table + load<u8>(from, 3)), 3);
    store<u8>(to, load<u8>(table + load<u8>(from, 4)), 4);
    store<u8>(to, load<u8>(table + load<u8>(from, 5)), 5);
    store<u8>(to, load<u8>(table + load<u8>(from, 6)), 6);
    store<u8>(to, load<u8>(table + load<u8>(from, 7)), 7);
    to += 8;
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
