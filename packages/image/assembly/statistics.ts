// Counts and sums of samples. Calls add to what an area holds, so that an image can come in strips.

/** Byte i of each group of twelve counts in table i of 256 × u32: no two neighbours wait for the same counter. */
export function countBytes(from: usize, length: i32, tables: usize): void {
  let i = 0;
  for (; i + 12 <= length; i += 12) {
    const eight = load<u64>(from + i);
    const low = <u32>eight;
    const high = <u32>(eight >> 32);
    const last = load<u32>(from + i, 8);
    count(tables + ((low & 255) << 2));
    count(tables + 1024 + (((low >> 8) & 255) << 2));
    count(tables + 2048 + (((low >> 16) & 255) << 2));
    count(tables + 3072 + ((low >> 24) << 2));
    count(tables + 4096 + ((high & 255) << 2));
    count(tables + 5120 + (((high >> 8) & 255) << 2));
    count(tables + 6144 + (((high >> 16) & 255) << 2));
    count(tables + 7168 + ((high >> 24) << 2));
    count(tables + 8192 + ((last & 255) << 2));
    count(tables + 9216 + (((last >> 8) & 255) << 2));
    count(tables + 10240 + (((last >> 16) & 255) << 2));
    count(tables + 11264 + ((last >> 24) << 2));
  }
  for (let table = tables; i < length; i++) {
    count(table + ((<usize>load<u8>(from + i)) << 2));
    table += 1024;
  }
}

function count(counter: usize): void {
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Per channel, four float64 in `sums`: the sum, the sum of squares, the smallest and the largest of uint16 samples. */
export function sumUint16(from: usize, pixels: i32, channels: i32, sums: usize): void {
  for (let channel = 0; channel < channels; channel++) {
    let sum = load<f64>(sums);
    let squares = load<f64>(sums, 8);
    let least = load<f64>(sums, 16);
    let most = load<f64>(sums, 24);
    let at = from + ((<usize>channel) << 1);
    for (let i = 0; i < pixels; i++) {
      const value = <f64>load<u16>(at);
      sum += value;
      squares += value * value;
      least = min(least, value);
      most = max(most, value);
      at += (<usize>channels) << 1;
    }
    store<f64>(sums, sum);
    store<f64>(sums, squares, 8);
    store<f64>(sums, least, 16);
    store<f64>(sums, most, 24);
    sums += 32;
  }
}

/** The same of float32 samples, added in float64 from the first pixel to the last. */
export function sumFloat32(from: usize, pixels: i32, channels: i32, sums: usize): void {
  for (let channel = 0; channel < channels; channel++) {
    let sum = load<f64>(sums);
    let squares = load<f64>(sums, 8);
    let least = load<f64>(sums, 16);
    let most = load<f64>(sums, 24);
    let at = from + ((<usize>channel) << 2);
    for (let i = 0; i < pixels; i++) {
      const value = <f64>load<f32>(at);
      sum += value;
      squares += value * value;
      least = min(least, value);
      most = max(most, value);
      at += (<usize>channels) << 2;
    }
    store<f64>(sums, sum);
    store<f64>(sums, squares, 8);
    store<f64>(sums, least, 16);
    store<f64>(sums, most, 24);
    sums += 32;
  }
}
