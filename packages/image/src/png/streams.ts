/** Inflates a zlib stream, stopping with an error as soon as it gives more than `size` bytes. */
export async function inflateStream(compressed: Uint8Array, size: number): Promise<Uint8Array> {
  const out = new Uint8Array(size);
  let length = 0;
  for await (const chunk of through(compressed, new DecompressionStream('deflate'))) {
    out.set(chunk, length);
    length += chunk.length;
  }
  return length === size ? out : out.subarray(0, length);
}

/** Compresses to a zlib stream. */
export async function deflateStream(data: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function* through(data: Uint8Array, transform: DecompressionStream): AsyncGenerator<Uint8Array> {
  const reader = new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(transform).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}
