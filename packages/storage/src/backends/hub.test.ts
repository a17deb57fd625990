import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { storageConformance } from '../testing/index.js';
import { startCuttingProxy } from '../testing/node.js';
import { hubStorage } from './hub.js';

const commit = `${'c0ffee'.repeat(6)}c0ff`;
const objects = new Map<string, Uint8Array>();
/** What each server has seen: path and whether a token came with it. */
let seen: { readonly at: string; readonly path: string; readonly token: string | undefined }[] = [];

/** Answers as the hub does: small files itself, large ones by redirect to a CDN with another origin. */
async function listen(
  at: string,
  answer: (url: URL, response: ServerResponse, range: string | undefined, body: string) => void,
) {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://hub');
    seen.push({ at, path: url.pathname + url.search, token: request.headers.authorization });
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => answer(url, response, request.headers.range, Buffer.concat(chunks).toString()));
    request.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

function send(response: ServerResponse, bytes: Uint8Array, range: string | undefined): void {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (asked === null) return void response.writeHead(200, { 'content-length': bytes.length, etag: '"cdn"' }).end(bytes);
  const start = Number(asked[1]);
  const end = Math.min(asked[2] === '' ? bytes.length : Number(asked[2]) + 1, bytes.length);
  if (start >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  const headers = { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}`, 'content-length': end - start };
  response.writeHead(206, { ...headers, etag: '"cdn"' }).end(bytes.subarray(start, end));
}

const isLarge = (bytes: Uint8Array) => bytes.length > 200;
const entryOf = (path: string, bytes: Uint8Array) => ({
  type: 'file',
  path,
  size: bytes.length,
  oid: createHash('sha1').update(bytes).digest('hex'),
  ...(isLarge(bytes) ? { lfs: { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length } } : {}),
});

const cdn = await listen('cdn', (url, response, range) =>
  send(response, objects.get(decodeURIComponent(url.pathname.slice(1)))!, range),
);
const cdnProxy = await startCuttingProxy(cdn.port);
let hubPort = 0;
const hub = await listen('hub', (url, response, range, body) => {
  const json = (value: unknown, headers = {}) =>
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  const missing = (code: string) => response.writeHead(404, { 'x-error-code': code }).end();
  const [, call = '', path = ''] =
    /^\/(?:api\/datasets\/owner\/repo\/(revision|tree|paths-info)|datasets\/owner\/repo\/(?:resolve))\/(.*)$/.exec(
      url.pathname,
    ) ?? [];
  const at = decodeURIComponent(path.slice(commit.length + 1));
  if (call === 'revision') return path === 'refs%2Fpr%2F1' ? json({ sha: commit }) : missing('RevisionNotFound');
  if (!path.startsWith(commit)) return missing('RevisionNotFound');
  if (call === 'paths-info') {
    const { paths } = JSON.parse(body) as { paths: string[] };
    const found = paths.flatMap((name) => (objects.has(name) ? [entryOf(name, objects.get(name)!)] : []));
    return json([...found, { type: 'directory', path: paths[0], oid: 'x', size: 0 }]);
  }
  if (call === 'tree') {
    const all = [...objects]
      .filter(([name]) => name.startsWith(at === '' ? '' : `${at}/`))
      .map(([name, bytes]) => entryOf(name, bytes));
    if (at !== '' && all.length === 0) return missing('EntryNotFound');
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const next = new URL(url);
    next.searchParams.set('cursor', String(start + 100));
    next.host = `127.0.0.1:${hubPort}`;
    return json(all.slice(start, start + 100), start + 100 < all.length ? { link: `<${next}>; rel="next"` } : {});
  }
  const bytes = objects.get(at);
  if (bytes === undefined) return missing('EntryNotFound');
  if (!isLarge(bytes)) return send(response, bytes, range);
  const location = `http://127.0.0.1:${cdnProxy.port}/${encodeURIComponent(at)}?signed`;
  return response.writeHead(302, { location, 'x-linked-etag': `"${entryOf(at, bytes).lfs!.oid}"` }).end();
});
hubPort = hub.port;

const open = (revision = 'refs/pr/1') =>
  hubStorage({
    repo: 'owner/repo',
    type: 'dataset',
    revision,
    token: 'hf_secret',
    endpoint: `http://127.0.0.1:${hub.port}`,
    retry: { firstDelayMs: 1, longestDelayMs: 2 },
  });

beforeEach(() => {
  objects.clear();
  seen = [];
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await cdnProxy.close();
  for (const { server } of [hub, cdn] as { server: Server }[]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

storageConformance('Hugging Face Hub', {
  listed: 250,
  async create() {
    cdnProxy.cutAnswers(0);
    return { storage: open(), cleanup: async () => {} };
  },
  async seed(_, given) {
    for (const [key, bytes] of Object.entries(given)) objects.set(key, bytes);
  },
});

describe('hubStorage', () => {
  it('reads one commit, tells SHA-256, and shows the CDN no token', async () => {
    const bytes = new Uint8Array(5000).fill(7);
    objects.set('sub/large.bin', bytes);
    const storage = open();
    expect(await storage.commit()).toBe(commit);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await storage.stat('sub/large.bin')).toEqual({ key: 'sub/large.bin', size: 5000, version: sha256, sha256 });
    expect(await storage.read('sub/large.bin', { range: { start: 4000, end: 4010 } })).toEqual(
      new Uint8Array(10).fill(7),
    );
    expect(await storage.read('sub/large.bin')).toEqual(bytes);
    expect(seen.filter(({ path }) => path.includes('/revision/'))).toHaveLength(1);
    expect(seen.filter(({ path }) => path.includes('/paths-info/'))).toHaveLength(1);
    expect(seen.filter(({ at }) => at === 'hub').every(({ token }) => token === 'Bearer hf_secret')).toBe(true);
    const atCdn = seen.filter(({ at }) => at === 'cdn');
    expect(atCdn.length).toBe(2);
    expect(atCdn.every(({ token }) => token === undefined)).toBe(true);
  });

  it('goes on where the CDN broke off', async () => {
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, at) => at % 251);
    objects.set('large.bin', bytes);
    cdnProxy.cutDownloads(2, 900_000);
    expect(Buffer.from(await open().read('large.bin')).equals(bytes)).toBe(true);
    expect(cdnProxy.pending).toBe(0);
  });

  it('notices damaged bytes', async () => {
    objects.set('large.bin', new Uint8Array(5000));
    const storage = open();
    await storage.stat('large.bin');
    objects.set('large.bin', new Uint8Array(5000).fill(1));
    await expect(storage.read('large.bin')).rejects.toMatchObject({ code: 'STORAGE_CHECKSUM_MISMATCH' });
  });

  it('tells a missing file from a missing revision', async () => {
    await expect(open(commit).read('a')).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    await expect(open('nowhere').read('a')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await expect(open('f'.repeat(40)).stat('a')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('takes address and token from the environment', async () => {
    vi.stubEnv('HF_ENDPOINT', 'https://mirror.example/');
    vi.stubEnv('HF_TOKEN', 'hf_env');
    const asked: unknown[] = [];
    const storage = hubStorage({
      repo: 'owner/repo',
      fetch: async (url, init) => {
        asked.push([String(url), (init!.headers as Record<string, string>).authorization]);
        return new Response(null, { status: 401, headers: { 'x-error-code': 'GatedRepo' } });
      },
    });
    await expect(storage.commit()).rejects.toMatchObject({ code: 'STORAGE_PERMISSION' });
    expect(asked).toEqual([['https://mirror.example/api/models/owner/repo/revision/main', 'Bearer hf_env']]);
  });

  it.each([
    { repo: 'gpt2' },
    { repo: '../x' },
    { repo: 'a/b/c' },
    { repo: 'a/b', token: 'x\ny' },
    { repo: 'a/b', type: 'x' },
  ])('refuses %j', (options) => {
    expect(() => hubStorage(options as { repo: string })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
