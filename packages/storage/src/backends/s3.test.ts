import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type S3StorageOptions, s3Storage } from './s3.js';
import { elementNumber, elements, elementText, escapeXml } from './s3-xml.js';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const retry = { firstDelayMs: 1, longestDelayMs: 2 };
const withCode = (code: string) => expect.objectContaining({ code });
const mebibyte = 1024 * 1024;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** A storage whose server is a function. */
function open(
  answer: (asked: Asked, index: number) => Response | Promise<Response>,
  options?: Partial<S3StorageOptions>,
) {
  const asked: Asked[] = [];
  const storage = s3Storage({
    bucket: 'bucket',
    endpoint: 'https://s3.example',
    credentials,
    retry,
    fetch: async (url, init) => {
      const headers = init!.headers as Record<string, string>;
      asked.push({ method: String(init!.method), url: new URL(String(url)), headers, body: init!.body });
      return answer(asked.at(-1)!, asked.length - 1);
    },
    ...options,
  });
  return { storage, asked };
}

const error = (status: number, code: string, headers = {}, rest = '') =>
  new Response(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>It is so</Message>${rest}</Error>`, {
    status,
    headers,
  });
const head = (size: number, headers = {}) =>
  new Response(null, { headers: { 'content-length': String(size), etag: '"tag"', ...headers } });
const regionIn = (asked: Asked) => asked.headers.authorization!.split('/')[2];

/** Signature Version 4, computed a second time from its definition. */
function signature(asked: Asked, region: string): string {
  const { authorization = '', ...headers } = asked.headers;
  const [, signed = ''] = /SignedHeaders=([^,]*)/.exec(authorization)!;
  const date = headers['x-amz-date']!;
  const hex = (text: string) => createHash('sha256').update(text).digest('hex');
  const canonical = [
    asked.method,
    asked.url.pathname,
    [...asked.url.searchParams]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .sort()
      .join('&'),
    ...signed.split(';').map((name) => `${name}:${name === 'host' ? asked.url.host : headers[name]}`),
    '',
    signed,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = ['s3', 'aws4_request'].reduce(
    hmac,
    hmac(hmac(`AWS4${credentials.secretAccessKey}`, date.slice(0, 8)), region),
  );
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, hex(canonical)].join('\n')).toString('hex');
}

describe('s3Storage', () => {
  it('signs every request, checksums and conditions included', async () => {
    const { storage, asked } = open(() => new Response(null, { headers: { etag: '"tag"' } }), { region: 'eu-west-1' });
    await storage.write('a b/ü+%', new Uint8Array(3), { ifMatch: '"old"' });
    const [put] = asked;
    expect(put!.url.pathname).toBe('/bucket/a%20b/%C3%BC%2B%25');
    expect(put!.headers.authorization).toContain(signature(put!, 'eu-west-1'));
    expect(put!.headers.authorization).toMatch(/SignedHeaders=[^,]*host;if-match;x-amz-checksum-sha256;x-amz-content/);
    expect(put!.headers['x-amz-checksum-sha256']).toBe(createHash('sha256').update(new Uint8Array(3)).digest('base64'));
  });

  it('presigns as the documentation of AWS does', async () => {
    vi.useFakeTimers({ now: new Date('2013-05-24T00:00:00Z') });
    const storage = s3Storage({
      bucket: 'examplebucket',
      region: 'us-east-1',
      endpoint: 'https://s3.amazonaws.com',
      pathStyle: false,
      credentials,
    });
    // "Authenticating Requests: Using Query Parameters", AWS Signature Version 4.
    expect(await storage.presign('test.txt', { method: 'GET', expiresIn: 86_400 })).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Expires=86400&X-Amz-Date=20130524T000000Z&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
    await expect(storage.presign('a', { method: 'GET', expiresIn: 700_000 })).rejects.toThrow(
      withCode('INVALID_ARGUMENT'),
    );
    await expect(storage.presign('../a', { method: 'PUT' })).rejects.toThrow(withCode('STORAGE_INVALID_KEY'));
  });

  it('stands where AWS, and others, expect it', async () => {
    const hosts: string[] = [];
    for (const options of [
      { endpoint: undefined, region: 'eu-west-1' },
      { endpoint: undefined, region: 'cn-north-1' },
      { endpoint: undefined, bucket: 'with.dots' },
      { endpoint: 'https://minio.example:9000/base' },
      { endpoint: 'https://minio.example', pathStyle: false },
    ]) {
      const { storage, asked } = open(() => head(1), options);
      await storage.stat('key');
      hosts.push(asked[0]!.url.href);
    }
    expect(hosts).toEqual([
      'https://bucket.s3.eu-west-1.amazonaws.com/key',
      'https://bucket.s3.cn-north-1.amazonaws.com.cn/key',
      'https://s3.us-east-1.amazonaws.com/with.dots/key',
      'https://minio.example:9000/base/bucket/key',
      'https://bucket.minio.example/key',
    ]);
  });

  it('goes to the region that the bucket is in, once and for all', async () => {
    const { storage, asked } = open(
      (request) =>
        regionIn(request) === 'eu-central-1'
          ? head(1)
          : error(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-central-1' }),
      { endpoint: undefined },
    );
    expect((await storage.stat('a'))?.size).toBe(1);
    await storage.stat('b');
    expect(asked.map(({ url }) => url.host)).toEqual([
      'bucket.s3.us-east-1.amazonaws.com',
      'bucket.s3.eu-central-1.amazonaws.com',
      'bucket.s3.eu-central-1.amazonaws.com',
    ]);
    const malformed = open((request) =>
      regionIn(request) === 'auto' ? head(2) : error(400, 'AuthorizationHeaderMalformed', {}, '<Region>auto</Region>'),
    );
    expect((await malformed.storage.stat('a'))?.size).toBe(2);
  });

  it('sets its clock by the server’s', async () => {
    const now = new Date(Date.now() + 3_600_000);
    const { storage, asked } = open((_, index) =>
      index === 0 ? error(403, 'RequestTimeTooSkewed', { date: now.toUTCString() }) : head(1),
    );
    await storage.stat('a');
    const date = asked[1]!.headers['x-amz-date']!.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z');
    expect(Math.abs(Date.parse(date) - now.getTime())).toBeLessThan(60_000);
  });

  it('asks for credentials when it has none, when they end and when they are refused', async () => {
    let given = 0;
    const { storage, asked } = open((_, index) => (index === 1 ? error(400, 'ExpiredToken') : head(1)), {
      credentials: async () => ({
        ...credentials,
        sessionToken: `session ${++given}`,
        expiration: new Date(Date.now() + (given === 2 ? 1000 : 3_600_000)),
      }),
    });
    for (const key of ['a', 'b', 'c', 'd']) await storage.stat(key);
    expect(asked.map(({ headers }) => headers['x-amz-security-token'])).toEqual([
      'session 1',
      'session 1',
      'session 2',
      'session 3',
      'session 3',
    ]);
    const broken = open(() => head(1), { credentials: () => ({}) as typeof credentials });
    await expect(broken.storage.stat('a')).rejects.toThrow(withCode('INVALID_ARGUMENT'));
    const failure = new Error('no metadata service');
    const failing = open(() => head(1), { credentials: () => Promise.reject(failure) });
    await expect(failing.storage.stat('a')).rejects.toBe(failure);
  });

  it('takes credentials, region and address from the environment, and explains when there are none', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    const nothing = open(() => head(1), { credentials: undefined });
    await expect(nothing.storage.stat('a')).rejects.toThrow(withCode('STORAGE_PERMISSION'));
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'lent');
    vi.stubEnv('AWS_REGION', 'eu-north-1');
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9');
    const { storage, asked } = open(() => head(1), { credentials: undefined, endpoint: undefined });
    await storage.stat('a');
    expect(asked[0]!.url.origin).toBe('http://127.0.0.1:9');
    expect(regionIn(asked[0]!)).toBe('eu-north-1');
    expect(asked[0]!.headers['x-amz-security-token']).toBe('lent');
  });

  it('tries again after what passes: SlowDown, a conflict, a silent upload, a completion that fails late', async () => {
    const { storage, asked } = open((_, index) => {
      if (index === 0) return error(503, 'SlowDown', { 'retry-after': '0' });
      if (index === 1) return error(409, 'ConditionalRequestConflict');
      if (index === 2) return error(400, 'RequestTimeout');
      return new Response(null, { headers: { etag: '"tag"' } });
    });
    expect(await storage.write('a', new Uint8Array(3), { ifAbsent: true })).toMatchObject({
      size: 3,
      version: '"tag"',
    });
    expect(asked).toHaveLength(4);

    let completions = 0;
    const late = open(({ method, url }) => {
      if (method === 'PUT') return new Response(null, { headers: { etag: '"part"' } });
      if (url.searchParams.has('uploads')) return new Response('<R><UploadId>u</UploadId></R>');
      completions++;
      return completions === 1
        ? new Response('<Error><Code>InternalError</Code></Error>')
        : new Response('<R><ETag>&quot;whole-2&quot;</ETag></R>');
    });
    const info = await late.storage.write('a', new Uint8Array(9 * mebibyte));
    expect(info).toMatchObject({ size: 9 * mebibyte, version: '"whole-2"' });
    expect(completions).toBe(2);
  });

  it('explains what cannot be mended', async () => {
    for (const [answer, code] of [
      [error(403, 'AccessDenied'), 'STORAGE_PERMISSION'],
      [error(403, 'SignatureDoesNotMatch'), 'STORAGE_PERMISSION'],
      [error(404, 'NoSuchBucket'), 'STORAGE_FAILED'],
      [error(400, 'KeyTooLongError'), 'STORAGE_INVALID_KEY'],
      [error(400, 'XAmzContentChecksumMismatch'), 'STORAGE_CHECKSUM_MISMATCH'],
      [error(400, 'EntityTooLarge'), 'STORAGE_FULL'],
      [error(409, 'XMinioParentIsObject'), 'STORAGE_KEY_CONFLICT'],
      [error(501, 'NotImplemented'), 'STORAGE_UNSUPPORTED'],
      [error(418, 'Teapot'), 'STORAGE_FAILED'],
    ] as const) {
      const { storage } = open(() => answer.clone());
      await expect(storage.write('a', new Uint8Array(1)), code).rejects.toThrow(withCode(code));
    }
  });

  it('holds no more of a stream than its parallel parts', async () => {
    let pulled = 0;
    let sending = 0;
    let most = 0;
    const { storage } = open(
      async ({ method, url }) => {
        if (url.searchParams.has('uploads')) return new Response('<R><UploadId>u</UploadId></R>');
        if (method === 'POST') return new Response('<R><ETag>"e"</ETag></R>');
        most = Math.max(most, ++sending);
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(pulled).toBeLessThanOrEqual((done + 2 + 1) * 5 * mebibyte);
        sending--;
        done++;
        return new Response(null, { headers: { etag: '"part"' } });
      },
      { partSize: 5 * mebibyte, concurrency: 2 },
    );
    let done = 0;
    async function* source() {
      for (let chunk = 0; chunk < 60; chunk++) {
        pulled += mebibyte;
        yield new Uint8Array(mebibyte);
      }
    }
    await storage.write('a', source());
    expect(most).toBe(2);
  });

  it('gives up an upload that fails, and says so to the server', async () => {
    const { storage, asked } = open(({ method, url }) => {
      if (url.searchParams.has('uploads')) return new Response('<R><UploadId>u 1</UploadId></R>');
      if (method === 'PUT' && url.searchParams.get('partNumber') === '2') return error(403, 'AccessDenied');
      return new Response(null, { headers: { etag: '"part"' } });
    });
    await expect(storage.write('a', new Uint8Array(20 * mebibyte))).rejects.toThrow(withCode('STORAGE_PERMISSION'));
    expect(asked.at(-1)).toMatchObject({ method: 'DELETE' });
    expect(asked.at(-1)!.url.searchParams.get('uploadId')).toBe('u 1');
  });

  it('does without checksums and conditions where the server has none, as Google’s', async () => {
    const { storage, asked } = open(() => new Response(null, { headers: { etag: '"tag"' } }), {
      endpoint: 'https://storage.googleapis.com',
    });
    expect(storage.capabilities).toMatchObject({ ifAbsent: false, ifMatch: false });
    await storage.write('a', new Uint8Array(3));
    expect(asked[0]!.headers['x-amz-checksum-sha256']).toBeUndefined();
    expect(asked[0]!.headers['x-amz-content-sha256']).toBe(
      createHash('sha256').update(new Uint8Array(3)).digest('hex'),
    );
    await expect(storage.write('a', new Uint8Array(3), { ifAbsent: true })).rejects.toThrow(
      withCode('STORAGE_UNSUPPORTED'),
    );
  });

  it('compares parts by MD5 where the server keeps no checksums', async () => {
    const bytes = new Uint8Array(12 * mebibyte).fill(3);
    const md5 = createHash('md5')
      .update(bytes.subarray(0, 8 * mebibyte))
      .digest('hex');
    const sent: string[] = [];
    const { storage } = open(
      ({ method, url }) => {
        if (method === 'GET' && url.searchParams.has('uploads')) {
          return new Response('<R><Upload><Key>a</Key><UploadId>u</UploadId></Upload></R>');
        }
        if (method === 'GET') {
          return new Response(
            `<R><Part><PartNumber>1</PartNumber><ETag>"${md5}"</ETag><Size>8388608</Size></Part></R>`,
          );
        }
        if (method === 'POST') return new Response('<R><ETag>"e"</ETag></R>');
        sent.push(url.searchParams.get('partNumber')!);
        return new Response(null, { headers: { etag: '"part"' } });
      },
      { checksums: false },
    );
    await storage.resumeWrite('a', bytes);
    expect(sent).toEqual(['2']);
  });

  it('reads objects with a content coding as they are stored, or says that fetch cannot', async () => {
    const bytes = gzipSync('text '.repeat(100));
    const head = { 'content-encoding': 'gzip', 'content-length': String(bytes.length), etag: '"tag"' };
    const checksum = createHash('sha256').update(bytes).digest('base64');
    const server = createServer((request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (from === undefined) {
        response.writeHead(200, { ...head, 'x-amz-checksum-sha256': checksum });
        return void response.end(request.method === 'HEAD' ? undefined : bytes);
      }
      const part = bytes.subarray(Number(from), Number(to) + 1);
      const range = `bytes ${from}-${to}/${bytes.length}`;
      response.writeHead(206, { ...head, 'content-length': String(part.length), 'content-range': range }).end(part);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const storage = s3Storage({ bucket: 'bucket', endpoint, credentials, retry });
    expect(await storage.stat('a')).toMatchObject({ size: bytes.length });
    expect(await storage.read('a')).toEqual(new Uint8Array(bytes));
    expect(await storage.read('a', { range: { start: 3, end: 9 } })).toEqual(new Uint8Array(bytes.subarray(3, 9)));

    const byFetch = s3Storage({ bucket: 'bucket', endpoint, credentials, retry, fetch });
    expect(await byFetch.stat('a')).toMatchObject({ size: bytes.length });
    await expect(byFetch.read('a')).rejects.toThrow(withCode('STORAGE_UNSUPPORTED'));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('ends listings that lead nowhere', async () => {
    const page = (rest: string) => new Response(`<ListBucketResult>${rest}</ListBucketResult>`);
    const keys = async (storage: ReturnType<typeof s3Storage>) => {
      const found = [];
      for await (const { key } of storage.list()) found.push(key);
      return found;
    };
    const circle = '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>';
    await expect(keys(open(() => page(circle)).storage)).rejects.toThrow(withCode('STORAGE_FAILED'));
    await expect(keys(open(() => new Response('<html>')).storage)).rejects.toThrow(withCode('STORAGE_FAILED'));
    const entry = (key: string) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`;
    const foreign = open(() => page(['/a', 'folder/', 'a//b', '..', 'a&amp;b+c'].map(entry).join('')));
    expect(await keys(foreign.storage)).toEqual(['a&b+c']);
  });

  it.each([
    {},
    { bucket: '-' },
    { bucket: 'bucket', endpoint: 'minio:9000' },
    { bucket: 'bucket', partSize: 1000 },
    { bucket: 'bucket', credentials: {} },
    { bucket: 'bucket', regoin: 'x' },
  ])('refuses %j', (options) => {
    expect(() => s3Storage(options as { bucket: string })).toThrow(withCode('INVALID_ARGUMENT'));
  });
});

describe('s3-xml', () => {
  it('finds elements and their text', () => {
    const xml = '<A><B>1</B><B>&lt;&#x1F600;&#38;&quot;</B></A>';
    expect(elements(xml, 'B')).toEqual(['1', '&lt;&#x1F600;&#38;&quot;']);
    expect(elementText(elements(xml, 'A')[0]!, 'B')).toBe('1');
    expect(elementText('<B>&lt;&#x1F600;&#38;&quot;&unknown;&#x110000;</B>', 'B')).toBe('<😀&"&unknown;&#x110000;');
    expect([elementText(xml, 'C'), elementText('<B>', 'B'), elementNumber('<S>-1</S>', 'S')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(escapeXml('"a"<&>')).toBe('&quot;a&quot;&lt;&amp;&gt;');
  });
});
