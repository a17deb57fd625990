import { execFileSync } from 'node:child_process';

/** The commit of the code that runs, or `unknown` outside a git checkout. */
export function codeVersion(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
