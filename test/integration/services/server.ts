import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that runs on loopback, in a folder of its own. */
export interface Server {
  readonly port: number;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts a program and waits until it answers HTTP on its port.
 *
 * @param args - its arguments, given its port and a folder that it may fill
 */
export async function startServer(
  program: string,
  args: (port: number, folder: string) => readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly ready: string },
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'percept-service-'));
  const port = await freePort();
  const child = spawn(program, args(port, folder), {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  // Whatever ends this process, no server outlives it.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(`http://127.0.0.1:${port}${options.ready}`, child, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
}

async function answering(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 100) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    if (response !== undefined && response.status < 500) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer: ${output()}`);
}
