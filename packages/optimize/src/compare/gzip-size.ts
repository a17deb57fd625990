/** Bytes that `data` takes after gzip at its default level. */
export async function gzipSize(data: Uint8Array): Promise<number> {
  const compressed = new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip'));
  let size = 0;
  for await (const chunk of compressed) size += chunk.length;
  return size;
}
