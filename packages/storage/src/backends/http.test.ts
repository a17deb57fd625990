import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { delayMs, type RetryPolicy } from '../http/retry.js';
import { storageConformance } from '../testing/index.js';
import { startCuttingProxy } from '../testing/node.js';
import { httpStorage } from './http.js';

const servers: Server[] = [];
/** So that failures are not waited for. */
const quick = { firstDelayMs: 1, longestDelayMs: 5 };

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`;
}

async function closeServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

afterEach(closeServers);

interface Behaviour {
  readonly ranges?: boolean;
  readonly head?: boolean;
  readonly sizes?: boolean;
}

/** A static file server, with the faults of real ones. */
function fileServer(objects: Map<string, Uint8Array>, { ranges = true, head = true, sizes = true }: Behaviour = {}) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname.slice('/files/'.length));
    const bytes = objects.get(path);
    if (bytes === undefined) return response.writeHead(404).end('no such file');
    if (request.method === 'HEAD' && !head) return response.writeHead(405).end();
    const headers = { etag: `"${bytes.length}"`, 'last-modified': new Date().toUTCString() };
    const asked = ranges ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') : null;
    if (asked === null) {
      response.writeHead(200, sizes ? { ...headers, 'content-length': bytes.length } : headers);
      return response.end(request.method === 'HEAD' ? undefined : bytes);
    }
    const start = Number(asked[1]);
    const end = Math.min(asked[2] === '' ? bytes.length : Number(asked[2]) + 1, bytes.length);
    if (start >= bytes.length) return response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` });
    return response.end(bytes.subarray(start, end));
  };
}

const behaviours: [string, Behaviour][] = [
  ['a server with ranges', {}],
  ['a server that ignores ranges', { ranges: false }],
  ['a server without HEAD', { head: false }],
];

for (const [name, behaviour] of behaviours) {
  const objects = new Map<string, Uint8Array>();
  storageConformance(`http, ${name}`, {
    async create() {
      objects.clear();
      const proxy = await startCuttingProxy(Number(new URL(await serve(fileServer(objects, behaviour))).port));
      const storage = httpStorage(`http://127.0.0.1:${proxy.port}/files`, { retry: quick });
      return {
        storage,
        cutter: proxy,
        async cleanup() {
          await proxy.close();
          await closeServers();
        },
      };
    },
    async seed(_, given) {
      for (const [key, bytes] of Object.entries(given)) objects.set(key, bytes);
    },
  });
}

describe('httpStorage', () => {
  const all = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
  const objects = new Map([['object', all]]);

  it('reads any range like a slice, whatever the server does', async () => {
    for (const behaviour of [{}, { ranges: false }, { ranges: false, sizes: false }]) {
      const storage = httpStorage(await serve(fileServer(objects, behaviour)));
      await fc.assert(
        fc.asyncProperty(fc.nat(5000), fc.nat(6000), async (start, length) => {
          const bytes =
            length === 0 && 'sizes' in behaviour
              ? []
              : await storage.read('object', { range: { start, end: start + length } });
          expect([...bytes]).toEqual([...all.slice(start, start + length)]);
        }),
        { numRuns: 30 },
      );
    }
  });

  it('finds a range beyond the end even if the server tells nothing', async () => {
    const storage = httpStorage(await serve(fileServer(objects, { ranges: false, sizes: false })));
    expect(await storage.read('object', { range: { start: 5000 } })).toEqual(new Uint8Array());
    await expect(storage.read('object', { range: { start: 5001 } })).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_RANGE_INVALID' }),
    );
    await expect(storage.stat('object')).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_FAILED' }));
  });

  it('asks for no more than the range', async () => {
    const asked: unknown[] = [];
    const listener = fileServer(objects);
    const storage = httpStorage(
      await serve((request, response) => {
        asked.push([request.method, request.headers.range, request.headers['accept-encoding']]);
        listener(request, response);
      }),
    );
    await storage.read('object', { range: { start: 10, end: 20 } });
    await storage.read('object');
    await storage.stat('object');
    expect(asked).toEqual([
      ['GET', 'bytes=10-19', 'identity'],
      ['GET', undefined, 'identity'],
      ['HEAD', undefined, 'identity'],
    ]);
  });

  it('sends the headers and keeps the query of the base address', async () => {
    let seen: unknown;
    const url = await serve((request, response) => {
      seen = [request.url, request.headers.authorization];
      response.end('x');
    });
    const storage = httpStorage(`${url}?token=secret`, { headers: { authorization: 'Bearer t' } });
    await storage.read('a/ü');
    expect(seen).toEqual(['/files/a/%C3%BC?token=secret', 'Bearer t']);
    expect(storage.description).not.toContain('secret');
  });

  it('tries again after transient failures, and no more than asked for', async () => {
    let requests = 0;
    let failures = 2;
    const url = await serve((_, response) => {
      requests++;
      if (requests <= failures) response.writeHead(503, { 'retry-after': '0' }).end('busy');
      else response.end('fine');
    });
    const storage = httpStorage(`${url}?token=secret`, { retry: { attempts: 4 } });
    expect(new TextDecoder().decode(await storage.read('a'))).toBe('fine');
    expect(requests).toBe(3);
    requests = 0;
    failures = Number.POSITIVE_INFINITY;
    const failure = storage.read('a');
    await expect(failure).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_FAILED' }));
    await expect(failure).rejects.toThrow(/answered 503 \(busy\) 4 times/);
    await expect(failure).rejects.not.toThrow(/secret/);
    expect(requests).toBe(4);
  });

  it('explains a server that is not there, and statuses that trying again cannot help', async () => {
    const code = (expected: string) => expect.objectContaining({ code: expected });
    let status = 403;
    const url = await serve((_, response) => response.writeHead(status).end());
    const storage = httpStorage(url);
    await expect(storage.read('a')).rejects.toThrow(code('STORAGE_PERMISSION'));
    await expect(storage.stat('a')).rejects.toThrow(code('STORAGE_PERMISSION'));
    status = 418;
    await expect(storage.read('a')).rejects.toThrow(code('STORAGE_FAILED'));
    status = 410;
    await expect(storage.read('a')).rejects.toThrow(code('STORAGE_NOT_FOUND'));
    await closeServers();
    await expect(httpStorage(url, { retry: quick }).read('a')).rejects.toThrow(code('STORAGE_FAILED'));
  });

  it('continues a body that breaks off, if the object is still the same', async () => {
    const ranges: unknown[] = [];
    const url = await serve((request, response) => {
      ranges.push(request.headers.range);
      const start = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const status = request.headers.range === undefined ? 200 : 206;
      response.writeHead(status, {
        etag: '"one"',
        'content-length': all.length - start,
        ...(status === 206 ? { 'content-range': `bytes ${start}-4999/5000` } : {}),
      });
      if (start >= 4000) response.end(all.subarray(start));
      else response.write(all.subarray(start, start + 2000), () => response.destroy());
    });
    expect(Buffer.from(await httpStorage(url).read('a')).equals(all)).toBe(true);
    expect(ranges).toEqual([undefined, 'bytes=2000-4999', 'bytes=4000-4999']);
  });

  it('never mixes two versions of an object', async () => {
    let version = 0;
    const url = await serve((request, response) => {
      version++;
      const ranged = request.headers.range !== undefined;
      response.writeHead(ranged ? 206 : 200, {
        etag: `"${version}"`,
        'content-length': ranged ? 3000 : 5000,
        ...(ranged ? { 'content-range': 'bytes 2000-4999/5000' } : {}),
      });
      response.write(all.subarray(0, 2000), () => response.destroy());
    });
    await expect(httpStorage(url).read('a')).rejects.toThrow(/may have changed/);
    expect(version).toBe(2);
  });

  it('stops a request that hangs, and one that pauses', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/files/busy') response.writeHead(503, { 'retry-after': '5' }).end();
    });
    for (const key of ['hanging', 'busy']) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 30);
      await expect(httpStorage(url).read(key, { signal: controller.signal })).rejects.toThrow(
        expect.objectContaining({ code: 'ABORTED' }),
      );
    }
  });

  it('writes, deletes and lists nothing', async () => {
    const storage = httpStorage('http://127.0.0.1:9/');
    const code = (expected: string) => expect.objectContaining({ code: expected });
    await expect(storage.write('a', new Uint8Array())).rejects.toThrow(code('STORAGE_READ_ONLY'));
    await expect(storage.delete('a')).rejects.toThrow(code('STORAGE_READ_ONLY'));
    await expect(storage.list()[Symbol.asyncIterator]().next()).rejects.toThrow(code('STORAGE_UNSUPPORTED'));
  });

  it.each(['files/', 'ftp://x/', '', 'http://user:secret@x/', 3 as unknown as string])(
    'refuses the address %j',
    (url) => {
      expect(() => httpStorage(url)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    },
  );

  it('draws its pauses at random under a doubling ceiling, and heeds Retry-After', () => {
    const policy: RetryPolicy = { attempts: 5, firstDelayMs: 100, longestDelayMs: 5000, timeoutMs: 1 };
    expect([1, 2, 3].map((failures) => delayMs(policy, failures, null, 1))).toEqual([100, 200, 400]);
    expect(delayMs(policy, 3, null, 0.25)).toBe(100);
    expect(delayMs(policy, 20, null, 1)).toBe(5000);
    expect(delayMs(policy, 1, '3')).toBe(3000);
    expect(delayMs(policy, 1, '86400')).toBe(5000);
    expect(delayMs(policy, 1, new Date(Date.now() - 60_000).toUTCString())).toBe(0);
    expect(delayMs(policy, 2, 'nonsense', 1)).toBe(200);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (failures) => {
        const delay = delayMs(policy, failures);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(5000, 100 * 2 ** (failures - 1)));
      }),
    );
  });

  it('gives up on a server that goes silent, before the answer and within it', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/files/silent') return;
      response.writeHead(200, { 'content-length': 100, etag: '"1"' });
      response.write('beginning');
    });
    const storage = httpStorage(url, { retry: { ...quick, attempts: 2, timeoutMs: 40 } });
    for (const key of ['silent', 'halting']) {
      await expect(storage.read(key)).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        cause: expect.objectContaining({ message: expect.stringContaining('nothing came for 40 ms') }),
      });
    }
  });

  it('follows redirects, but takes no header of its own to another origin', async () => {
    const seen: unknown[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push([request.headers.authorization, request.headers['x-key'], request.headers.range]);
      response.writeHead(206, { 'content-range': 'bytes 1-2/3' }).end('bc');
    });
    const url = await serve((request, response) => {
      seen.push([request.headers.authorization, request.headers['x-key'], request.headers.range]);
      const location = request.url === '/files/a' ? '/files/b' : `${elsewhere}/c`;
      response.writeHead(302, { location }).end();
    });
    const headers = { authorization: 'Bearer t', 'x-key': 'secret' };
    const range = { start: 1, end: 3 };
    expect(await httpStorage(url, { headers }).read('a', { range })).toEqual(Uint8Array.of(98, 99));
    expect(seen).toEqual([
      ['Bearer t', 'secret', 'bytes=1-2'],
      ['Bearer t', 'secret', 'bytes=1-2'],
      [undefined, undefined, 'bytes=1-2'],
    ]);
  });

  it.each(['/files/a', 'file:///etc/passwd', 'http://', 'x'.repeat(10)])('ends a redirect to %s', async (location) => {
    const url = await serve((_, response) => response.writeHead(302, { location }).end());
    await expect(httpStorage(url).read('a')).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_REDIRECTED' }));
  });

  it('says where a redirect leads that it does not follow', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    await expect(httpStorage(url).read('a')).rejects.toThrow(/"file:\/\/\/etc\/passwd"/);
  });

  it('never follows from https: to http:', async () => {
    const answer = new Response(null, { status: 302, headers: { location: 'http://host/a' } });
    const storage = httpStorage('https://host/', { fetch: async () => answer });
    await expect(storage.read('a')).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_REDIRECTED' }));
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('reads through %s, which it did not ask for', async (coding, compress) => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(compress(all)),
    );
    expect(Buffer.from(await httpStorage(url).read('a')).equals(all)).toBe(true);
  });

  it('does the same by a fetch of the user’s own', async () => {
    const storage = httpStorage(await serve(fileServer(objects)), { fetch: (...call) => fetch(...call) });
    expect(Buffer.from(await storage.read('object')).equals(all)).toBe(true);
    expect(await storage.read('object', { range: { start: 4998 } })).toEqual(all.slice(4998));
    expect((await storage.stat('object'))?.size).toBe(5000);
    const redirecting = await serve((request, response) =>
      response.writeHead(302, { location: request.url!.replace('/files', '/files/files') }).end(),
    );
    await expect(httpStorage(redirecting, { fetch: (...call) => fetch(...call) }).read('a')).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_REDIRECTED' }),
    );
  });

  it('asks the server for the version, and does not trust it to have listened', async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push(request.headers['if-match']);
      response.writeHead(200, { etag: '"2"' }).end('new');
    });
    await expect(httpStorage(url).read('a', { ifMatch: '"1"' })).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_CHANGED' }),
    );
    expect(await httpStorage(url).read('a', { ifMatch: '"2"' })).toHaveLength(3);
    expect(asked).toEqual(['"1"', '"2"']);
  });
});
