import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

/** How a folder is served. */
export interface ServeFolderOptions {
  /** Whether pages are cross-origin isolated, which gives them threads. */
  isolated: boolean;
  /** Files that lie elsewhere, by their path: `/models/a.onnx`. */
  files?: Readonly<Record<string, string>>;
}

/** Serves the files of a folder on a free port of this machine. */
export async function serveFolder(
  folder: string,
  { isolated, files = {} }: ServeFolderOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const isolation = isolated
    ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
    : {};
  const server: Server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(url.split('?')[0]!);
    const file = files[path] ?? join(folder, normalize(path === '/' ? '/index.html' : path));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
      return;
    }
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': statSync(file).size, ...isolation });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
