import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the server got. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/**
 * Answers as the Hugging Face hub does: its API tells commits and files, `/owner/repo/resolve/<revision>/<path>` tells the digest of large files in its
 * headers and redirects to a content delivery network, which is another origin, by a signed address; that one serves
 * ranges, and refuses those beyond the end with 416.
 */
export class HubServer {
  /** Files by path in the repository. */
  readonly files = new Map<string, Uint8Array>();
  readonly seen: Seen[] = [];
  /** Answers of the delivery network are cut after so many bytes, once each. */
  cuts: number[] = [];
  /** Called before the delivery network answers. */
  beforeAnswer: () => void = () => {};
  /** Answers of the delivery network wait for it. */
  gate: Promise<void> = Promise.resolve();
  /** Token that is asked for, if any. */
  token: string | undefined;
  /** The digests that it tells are those of other bytes. */
  lie = false;
  commit = '0123456789abcdef0123456789abcdef01234567';
  endpoint = '';
  #hub: Server;
  #network: Server;

  constructor() {
    this.#hub = createServer((request, response) => void this.#answerAsHub(request, response));
    this.#network = createServer((request, response) => void this.#answerAsNetwork(request, response));
  }

  async start(): Promise<void> {
    await Promise.all([this.#hub, this.#network].map((server) => listen(server)));
    this.endpoint = addressOf(this.#hub);
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#network]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  url(path: string, revision = 'main'): string {
    return `${this.endpoint}/owner/repo/resolve/${revision}/${path}`;
  }

  /** Requests that asked the delivery network for bytes. */
  downloads(): Seen[] {
    return this.seen.filter(({ method, path }) => method === 'GET' && path.startsWith('/cdn/'));
  }

  #note(request: IncomingMessage): URL {
    const url = new URL(request.url!, 'http://localhost');
    const { range, authorization } = request.headers;
    this.seen.push({ method: request.method!, path: url.pathname, range, authorization });
    return url;
  }

  async #answerAsHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = this.#note(request);
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      response.writeHead(401, {
        'x-error-code': 'GatedRepo',
        'x-error-message': 'Access to model owner/repo is restricted.',
      });
      response.end();
      return;
    }
    const api = /^\/api\/models\/owner\/repo\/(revision|paths-info)\/(.*)$/.exec(pathname);
    if (api?.[1] === 'revision') {
      response.end(JSON.stringify({ id: 'owner/repo', sha: this.commit }));
      return;
    }
    if (api?.[1] === 'paths-info') {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { paths } = JSON.parse(body) as { paths: string[] };
      response.end(JSON.stringify(paths.flatMap((path) => this.#entry(path))));
      return;
    }
    const path = /^\/owner\/repo\/resolve\/[^/]+\/(.*)$/.exec(decodeURIComponent(pathname))?.[1];
    const bytes = this.files.get(path ?? '');
    if (bytes === undefined) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound', 'x-error-message': 'Entry not found' });
      response.end();
      return;
    }
    const digest = this.#digestOf(bytes);
    response.writeHead(302, {
      location: `${addressOf(this.#network)}/cdn/${path}?X-Amz-Signature=secret&X-Amz-Expires=3600`,
      'x-repo-commit': this.commit,
      'x-linked-size': bytes.length,
      'x-linked-etag': `"${digest}"`,
      'accept-ranges': 'bytes',
      etag: `"${digest}"`,
    });
    response.end();
  }

  /** A file in LFS, as the API tells of it. */
  #entry(path: string): unknown[] {
    const bytes = this.files.get(path);
    if (bytes === undefined) return [];
    const oid = this.#digestOf(bytes);
    return [{ type: 'file', path, size: bytes.length, oid: oid.slice(0, 40), lfs: { oid, size: bytes.length } }];
  }

  #digestOf(bytes: Uint8Array): string {
    return sha256(this.lie ? bytes.subarray(1) : bytes);
  }

  async #answerAsNetwork(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = this.#note(request);
    await this.gate;
    this.beforeAnswer();
    const bytes = this.files.get(decodeURIComponent(url.pathname.replace('/cdn/', '')));
    if (bytes === undefined || url.searchParams.get('X-Amz-Signature') !== 'secret') {
      response.writeHead(403).end();
      return;
    }
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    const headers = { etag, 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream' };
    const { range, 'if-match': ifMatch, 'if-range': ifRange } = request.headers;
    if (ifMatch !== undefined && ifMatch !== etag) {
      response.writeHead(412).end();
      return;
    }
    const match = ifRange === undefined || ifRange === etag ? /^bytes=(\d+)-(\d*)$/.exec(range ?? '') : null;
    const start = match ? Number(match[1]) : 0;
    if (match && start >= bytes.length) {
      response.writeHead(416, { ...headers, 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const part = bytes.subarray(start, match?.[2] ? Number(match[2]) + 1 : undefined);
    if (match) {
      const contentRange = `bytes ${start}-${start + part.length - 1}/${bytes.length}`;
      response.writeHead(206, { ...headers, 'content-range': contentRange, 'content-length': part.length });
    } else response.writeHead(200, { ...headers, 'content-length': part.length });
    const cut = request.method === 'GET' ? this.cuts.shift() : undefined;
    if (request.method === 'HEAD') response.end();
    else if (cut === undefined) response.end(part);
    else response.write(part.subarray(0, cut), () => response.destroy());
  }
}

/** SHA-256 as hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
}

/** Two ports of one machine are two origins. */
function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
