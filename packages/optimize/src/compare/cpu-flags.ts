/** Vector extensions that decide how fast int8 and float are, by the names that Linux has for them. */
const extensions: Readonly<Record<string, string>> = {
  avx2: 'AVX2',
  avx512f: 'AVX-512',
  avx_vnni: 'AVX-VNNI',
  avx512_vnni: 'AVX-512 VNNI',
  avx512_bf16: 'AVX-512 BF16',
  amx_int8: 'AMX int8',
  asimd: 'NEON',
  asimddp: 'dot product',
  i8mm: 'int8 matrix product',
  sve: 'SVE',
  sme: 'SME',
};

/**
 * The vector extensions of a CPU that matter to neural networks, by name.
 *
 * @param cpuinfo - contents of Linux's `/proc/cpuinfo`
 * @returns `undefined` when the text names no flags at all
 */
export function vectorExtensions(cpuinfo: string): readonly string[] | undefined {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo);
  if (line === null) return undefined;
  const flags = new Set(line[1]!.trim().split(/\s+/));
  return Object.entries(extensions).flatMap(([flag, name]) => (flags.has(flag) ? [name] : []));
}
