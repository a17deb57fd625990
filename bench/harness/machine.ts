import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** One line about the machine: processor, cores, and the vector extensions that decide how fast int8 and float are. */
export function describeMachine(): string {
  return `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, ${vectorExtensions()}, Node ${process.versions.node}`;
}

function vectorExtensions(): string {
  let flags: string;
  try {
    flags = readFileSync('/proc/cpuinfo', 'utf8').match(/^flags.*$/m)?.[0] ?? '';
  } catch {
    return 'vector extensions unknown';
  }
  const has = (flag: string) => (new RegExp(`\\b${flag}\\b`).test(flags) ? 'yes' : 'no');
  return `AVX-512 ${has('avx512f')}, VNNI ${has('avx512_vnni')}, AMX ${has('amx_tile')}`;
}
