import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';

/** Ports tried after a taken one. */
const morePorts = 20;
/** How long `close` waits for answers under way before it cuts connections. */
const drainMs = 10_000;

/** Options of {@link listen}. */
export interface ListenOptions {
  /** Port to begin with, 0..65535; 0 takes any free one. Default 8080. */
  readonly port?: number;
  /** Address to bind; default `127.0.0.1`, this machine only. `0.0.0.0` opens it to the network. */
  readonly host?: string;
}

/** A listening server. */
export interface Listening {
  /** Where it answers, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The port it got. */
  readonly port: number;
  /** Stops accepting, lets answers under way finish (10 s at most), then closes. The predictor stays open. */
  close(): Promise<void>;
}

const schema = z.strictObject({
  port: z.int().min(0).max(65535).default(8080),
  host: z.string().min(1).default('127.0.0.1'),
});

/**
 * Serves an app over HTTP. A taken port is passed over for the next free one, up to 20 further.
 *
 * @param app - anything with a web-standard `fetch`, such as what `createApp` gives
 * @throws PerceptError `SERVE_PORT_TAKEN` when all of them are taken, `SERVE_LISTEN_FAILED` when the system refuses
 *   (a privileged port, an address that is not this machine's), `INVALID_ARGUMENT`
 */
export async function listen(
  app: { fetch(request: Request): Response | Promise<Response> },
  options: ListenOptions = {},
): Promise<Listening> {
  const { port: first, host } = parseOptions(schema, options, 'listen() options');
  const last = first === 0 ? 0 : Math.min(first + morePorts, 65535);
  for (let port = first; port <= last; port++) {
    const server = createAdaptorServer({ fetch: (request) => app.fetch(request) }) as Server;
    try {
      await bind(server, port, host);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw listenFailed(error, port, host);
    }
    const bound = (server.address() as AddressInfo).port;
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
      port: bound,
      close: () => close(server),
    };
  }
  throw new PerceptError(
    'SERVE_PORT_TAKEN',
    `Expected a free port from ${first} to ${last} but all are taken; pass another port, or 0 for any`,
    { details: { first, last, host } },
  );
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function listenFailed(cause: unknown, port: number, host: string): PerceptError {
  const { code } = cause as NodeJS.ErrnoException;
  const why =
    code === 'EACCES' ? 'the system does not allow it; pass a port of 1024 or above' : `it cannot be bound (${code})`;
  return new PerceptError('SERVE_LISTEN_FAILED', `Expected to listen on ${host}:${port} but ${why}`, {
    cause,
    details: { port, host },
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A kept-alive connection that falls idle after its last answer would hold the server open.
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(cut);
      resolve();
    });
  });
}
