import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** One line about the machine: processor, cores, and the vector extensions that decide how fast int8 and float are. */
export function describeMachine(): string {
  return `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, ${vectorExtensions()}, Node ${process.versions.node}`;
}

/** Whether the processor multiplies bytes by VNNI, as far as one can know. */
export function hasVnni(): boolean {
  return /\bavx(512)?_vnni\b/.test(cpuFlags() ?? '');
}

function cpuFlags(): string | undefined {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8').match(/^flags.*$/m)?.[0] ?? '';
  } catch {
    return undefined;
  }
}

function vectorExtensions(): string {
  const flags = cpuFlags();
  if (flags === undefined) return 'vector extensions unknown';
  const has = (flag: string) => (new RegExp(`\\b${flag}\\b`).test(flags) ? 'yes' : 'no');
  return `AVX-512 ${has('avx512f')}, VNNI ${has('avx512_vnni')}, AMX ${has('amx_tile')}`;
}
