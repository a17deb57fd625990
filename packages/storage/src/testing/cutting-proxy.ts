// A TCP proxy on loopback that cuts connections on demand, for the tests of backends behind a network. Node only.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { ConnectionCutter } from './ground.js';

/** A proxy that stands between a storage and its server. */
export interface CuttingProxy extends ConnectionCutter {
  /** Port on 127.0.0.1 that leads to the server. */
  readonly port: number;
  /** Where connections lead to from now on: a port on 127.0.0.1. */
  forwardTo(port: number): void;
  close(): Promise<void>;
}

type Cut = 'upload' | 'download' | 'answer';

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startCuttingProxy(serverPort = 0): Promise<CuttingProxy> {
  let target = serverPort;
  let armed: { cut: Cut; times: number; bytes: number } = { cut: 'answer', times: 0, bytes: 0 };
  let round = 0;
  const passed = { upload: 0, download: 0 };
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const counted = { round, upload: 0, download: 0 };
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    /** Whether this connection is to be cut now that `bytes` more have come. */
    const isCut = (direction: 'upload' | 'download', bytes: number): boolean => {
      if (counted.round !== round) Object.assign(counted, { round, upload: 0, download: 0 });
      counted[direction] += bytes;
      if (armed.times === 0) return false;
      const due =
        armed.cut === 'answer'
          ? direction === 'download' && counted.upload > 0
          : armed.cut === direction && counted[direction] >= armed.bytes;
      if (due) armed.times--;
      return due;
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    const pass = (from: Socket, to: Socket, direction: 'upload' | 'download') => {
      from.on('data', (chunk) => {
        if (isCut(direction, chunk.length)) return end();
        passed[direction] += chunk.length;
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('end', () => to.end());
    };
    pass(client, upstream, 'upload');
    pass(upstream, client, 'download');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const arm = (cut: Cut, times: number, bytes: number) => {
    round++;
    armed = { cut, times, bytes };
  };
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo(port) {
      target = port;
    },
    cutUploads: (times, bytes) => arm('upload', times, bytes),
    cutDownloads: (times, bytes) => arm('download', times, bytes),
    cutAnswers: (times) => arm('answer', times, 0),
    get pending() {
      return armed.times;
    },
    get downloaded() {
      return passed.download;
    },
    get uploaded() {
      return passed.upload;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
