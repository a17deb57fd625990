import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where servers are kept that the integration tests built; ignored by git. */
const folder = fileURLToPath(new URL('../../../.cache/services/bin', import.meta.url));

/** A server that comes as a Go module. */
export interface GoServer {
  /** Name of the program. */
  readonly name: string;
  /** What `go install` builds it from. */
  readonly module: string;
}

/** Finds a server on the PATH or among those built before, or builds it; the reason, if none of that works. */
export function findServer(server: GoServer): { readonly path: string } | { readonly reason: string } {
  for (const place of [folder, ...(process.env.PATH ?? '').split(delimiter)]) {
    const path = join(place, server.name);
    if (existsSync(path)) return { path };
  }
  if (spawnSync('go', ['version']).status !== 0) {
    return { reason: `no ${server.name} on the PATH or in .cache/services/bin, and no Go to build it with` };
  }
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('go', ['install', server.module], {
      env: { ...process.env, GOBIN: folder },
      stdio: 'pipe',
      timeout: 15 * 60_000,
    });
  } catch (error) {
    return {
      reason: `go install ${server.module} failed: ${(error as Error).message.split('\n').slice(0, 3).join(' ')}`,
    };
  }
  return { path: join(folder, server.name) };
}
