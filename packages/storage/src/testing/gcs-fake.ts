// A server that follows the protocol of Google Cloud Storage's JSON API as it is documented, as far as a storage uses it:
// tokens, preconditions on generations, CRC-32C, pages, and resumable uploads that persist multiples of 256 KiB, tell how
// far they have come and ignore what they already have. Emulators that can be installed finish an upload when they are
// asked for its state; this one is for the tests of resuming. Node only.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32c } from '../hash/crc32c.js';
import { compareKeys } from '../key-order.js';

interface Stored {
  readonly bytes: Uint8Array;
  readonly crc32c: string;
  readonly generation: number;
  readonly updated: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Resource {
  readonly name: string;
  readonly crc32c?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Session {
  readonly resource: Resource;
  readonly condition: string | null;
  bytes: Buffer;
}

const granule = 256 * 1024;
const pageSize = 100;

/** Starts the server; every request must carry the token. */
export async function startGcsFake(token: string): Promise<{
  readonly port: number;
  /** Where upload sessions are said to be, for a proxy before the server. */
  publish(port: number): void;
  clear(): void;
  close(): Promise<void>;
}> {
  const objects = new Map<string, Stored>();
  const sessions = new Map<string, Session>();
  let generations = 1_700_000_000_000_000;
  let published = 0;

  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://fake');
    if (request.headers.authorization !== `Bearer ${token}`) return void refuse(response, 401, 'authError');
    const { body, whole } = await received(request);
    const session = sessions.get(url.searchParams.get('session') ?? '');
    if (session !== undefined) return void upload(request, response, session, body, whole, url);
    if (!whole) return;
    const name = decodeURIComponent(url.pathname.split('/o/')[1] ?? '');
    if (url.pathname.startsWith('/upload/') && request.method === 'POST')
      return void begin(response, url, request, body);
    if (url.pathname.startsWith('/upload/')) return void refuse(response, 404, 'notFound');
    if (name === '') return void list(response, url);
    const stored = objects.get(name);
    if (stored === undefined) return void refuse(response, 404, 'notFound');
    if (request.method === 'DELETE') {
      objects.delete(name);
      return response.writeHead(204).end();
    }
    if (!holds(url.searchParams.get('ifGenerationMatch'), stored)) return void refuse(response, 412, 'conditionNotMet');
    if (url.searchParams.get('alt') === 'media') return void send(request, response, stored);
    return void json(response, resourceOf(name, stored));
  });

  function begin(response: ServerResponse, url: URL, request: IncomingMessage, body: Buffer): void {
    const condition = url.searchParams.get('ifGenerationMatch');
    if (url.searchParams.get('uploadType') === 'resumable') {
      const resource = JSON.parse(body.toString()) as Resource;
      if (!holds(condition, objects.get(resource.name))) return void refuse(response, 412, 'conditionNotMet');
      const id = crypto.randomUUID();
      sessions.set(id, { resource, condition, bytes: Buffer.alloc(0) });
      const location = `http://127.0.0.1:${published}${url.pathname}?uploadType=resumable&session=${id}`;
      return void response.writeHead(200, { location }).end();
    }
    const boundary = /boundary=(.*)$/.exec(request.headers['content-type'] ?? '')![1]!;
    const text = body.toString('latin1');
    const [, first = '', second = ''] = text.split(`--${boundary}`);
    const part = (section: string) => Buffer.from(section.slice(section.indexOf('\r\n\r\n') + 4, -2), 'latin1');
    return void put(response, JSON.parse(part(first).toString()) as Resource, part(second), condition);
  }

  function upload(
    request: IncomingMessage,
    response: ServerResponse,
    session: Session,
    body: Buffer,
    whole: boolean,
    url: URL,
  ): void {
    const id = url.searchParams.get('session')!;
    if (request.method === 'DELETE') {
      sessions.delete(id);
      return void response.writeHead(499).end();
    }
    const [, range = '', total = ''] = /^bytes (\S+)\/(\S+)$/.exec(request.headers['content-range'] ?? '') ?? [];
    if (range !== '*') {
      const start = Number(range.split('-')[0]);
      const had = session.bytes.length;
      if (start > had) return void refuse(response, 400, 'invalid');
      const all = Buffer.concat([session.bytes, body.subarray(had - start)]);
      const final = whole && total !== '*' && all.length === Number(total);
      session.bytes = final ? all : all.subarray(0, Math.max(all.length - (all.length % granule), had));
    }
    if (!whole) return;
    if (total !== '*' && session.bytes.length === Number(total)) {
      sessions.delete(id);
      const hash = /crc32c=(\S+)/.exec(String(request.headers['x-goog-hash'] ?? ''))?.[1];
      const declared = session.resource.crc32c ?? hash;
      const resource = declared === undefined ? session.resource : { ...session.resource, crc32c: declared };
      return void put(response, resource, session.bytes, session.condition);
    }
    const persisted = session.bytes.length === 0 ? {} : { range: `bytes=0-${session.bytes.length - 1}` };
    response.writeHead(308, persisted).end();
  }

  function put(response: ServerResponse, resource: Resource, bytes: Buffer, condition: string | null): void {
    if (!holds(condition, objects.get(resource.name))) return void refuse(response, 412, 'conditionNotMet');
    const found = checksum(bytes);
    if (resource.crc32c !== undefined && resource.crc32c !== found) return void refuse(response, 400, 'invalid');
    const stored = {
      bytes: new Uint8Array(bytes),
      crc32c: found,
      generation: ++generations,
      updated: new Date().toISOString(),
      metadata: resource.metadata ?? {},
    };
    objects.set(resource.name, stored);
    json(response, resourceOf(resource.name, stored));
  }

  function list(response: ServerResponse, url: URL): void {
    const prefix = url.searchParams.get('prefix') ?? '';
    const after = Buffer.from(url.searchParams.get('pageToken') ?? '', 'base64url').toString();
    const names = [...objects.keys()].filter((name) => name.startsWith(prefix)).sort(compareKeys);
    const rest = names.filter((name) => after === '' || compareKeys(name, after) > 0);
    const page = rest.slice(0, pageSize);
    json(response, {
      items: page.map((name) => resourceOf(name, objects.get(name)!)),
      ...(rest.length > pageSize ? { nextPageToken: Buffer.from(page.at(-1)!).toString('base64url') } : {}),
    });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  published = port;
  return {
    port,
    publish(public_) {
      published = public_;
    },
    clear() {
      objects.clear();
      sessions.clear();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What has come of a body, also when its connection broke. */
async function received(request: IncomingMessage): Promise<{ readonly body: Buffer; readonly whole: boolean }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return { body: Buffer.concat(chunks), whole: true };
  } catch {
    return { body: Buffer.concat(chunks), whole: false };
  }
}

function holds(condition: string | null, stored: Stored | undefined): boolean {
  return condition === null || Number(condition) === (stored?.generation ?? 0);
}

function send(request: IncomingMessage, response: ServerResponse, { bytes, crc32c, generation }: Stored): void {
  const headers = { 'x-goog-generation': generation, 'x-goog-hash': `crc32c=${crc32c}` };
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (asked === null) return void response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
  const start = Number(asked[1]);
  const end = Math.min(asked[2] === '' ? bytes.length : Number(asked[2]) + 1, bytes.length);
  if (start >= bytes.length) return void response.writeHead(416).end();
  const part = bytes.subarray(start, end);
  const range = `bytes ${start}-${end - 1}/${bytes.length}`;
  response.writeHead(206, { ...headers, 'content-range': range, 'content-length': part.length }).end(part);
}

function resourceOf(name: string, { bytes, crc32c, generation, updated, metadata }: Stored): Record<string, unknown> {
  return { name, size: String(bytes.length), generation: String(generation), updated, crc32c, metadata };
}

function checksum(bytes: Uint8Array): string {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32c(bytes));
  return crc.toString('base64');
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, code: number, reason: string): void {
  const error = { error: { code, message: reason, errors: [{ reason, message: reason }] } };
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(error));
}
