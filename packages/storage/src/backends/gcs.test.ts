import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { startGcsFake } from '../testing/gcs-fake.js';
import { storageConformance } from '../testing/index.js';
import { startCuttingProxy } from '../testing/node.js';
import { gcsStorage } from './gcs.js';

const fake = await startGcsFake('secret');
const proxy = await startCuttingProxy(fake.port);
fake.publish(proxy.port);
afterAll(async () => {
  await proxy.close();
  await fake.close();
});

const endpoint = `http://127.0.0.1:${proxy.port}`;
const retry = { firstDelayMs: 1, longestDelayMs: 5 };
const credentials = async () => ({ token: 'secret' });
const open = () => gcsStorage({ bucket: 'bucket', prefix: '/deep/er/', endpoint, credentials, retry });

storageConformance('Google Cloud Storage, by its documented protocol', {
  listed: 250,
  async create() {
    fake.clear();
    proxy.cutAnswers(0);
    return { storage: open(), cutter: proxy, cleanup: async () => {} };
  },
});

const withCode = (code: string) => expect.objectContaining({ code });

describe('gcsStorage', () => {
  it('finishes a streamed upload of several parts that is cut within them and after them', async () => {
    fake.clear();
    const storage = gcsStorage({ bucket: 'bucket', endpoint, credentials, retry, partSize: 512 * 1024 });
    const part = (value: number) => new Uint8Array(400_000).fill(value);
    async function* source() {
      for (let value = 0; value < 10; value++) {
        if (value === 3) proxy.cutUploads(2, 300_000);
        if (value === 6) proxy.cutAnswers(1);
        yield part(value);
      }
      proxy.cutAnswers(1);
    }
    const info = await storage.write('a', source(), { ifAbsent: true });
    expect(proxy.pending).toBe(0);
    expect(info.size).toBe(4_000_000);
    const bytes = await storage.read('a');
    expect(bytes.every((byte, at) => byte === Math.floor(at / 400_000))).toBe(true);
  });

  it('asks for a token when it has none, when it ends and when it is refused', async () => {
    fake.clear();
    let asked = 0;
    const storage = gcsStorage({
      bucket: 'bucket',
      endpoint,
      retry,
      credentials: () => ({
        token: ++asked === 1 ? 'stale' : 'secret',
        expiration: new Date(Date.now() + (asked === 2 ? 1000 : 3_600_000)),
      }),
    });
    expect(await storage.stat('a')).toBeUndefined();
    expect(asked).toBe(2);
    await storage.stat('a');
    expect(asked).toBe(3);
    await storage.stat('a');
    expect(asked).toBe(3);
  });

  it('explains missing and refused credentials', async () => {
    await expect(gcsStorage({ bucket: 'bucket', endpoint }).stat('a')).rejects.toThrow(withCode('STORAGE_PERMISSION'));
    const anonymous = gcsStorage({ bucket: 'bucket', endpoint, credentials: 'anonymous' });
    await expect(anonymous.read('a')).rejects.toThrow(withCode('STORAGE_PERMISSION'));
  });

  it('makes tokens from the key of a service account (RFC 7523)', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const requests: string[] = [];
    const storage = gcsStorage({
      bucket: 'bucket',
      credentials: {
        client_email: 'me@project.iam.gserviceaccount.com',
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        token_uri: 'https://oauth2.googleapis.com/token',
      },
      fetch: async (url, init) => {
        requests.push(String(url));
        if (String(url).startsWith('https://oauth2')) {
          const form = new URLSearchParams(String(init?.body));
          expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
          const { payload } = await jwtVerify(form.get('assertion')!, publicKey, {
            issuer: 'me@project.iam.gserviceaccount.com',
            audience: 'https://oauth2.googleapis.com/token',
          });
          expect(payload.scope).toBe('https://www.googleapis.com/auth/devstorage.read_write');
          return Response.json({ access_token: 'made', expires_in: 3600 });
        }
        expect((init!.headers as Record<string, string>).authorization).toBe('Bearer made');
        return Response.json({ size: '3', generation: '5' });
      },
    });
    expect(await storage.stat('a b')).toEqual({ key: 'a b', size: 3, version: '5' });
    await storage.stat('a b');
    expect(requests.filter((url) => url.includes('oauth2'))).toHaveLength(1);
    expect(requests[1]).toMatch(/^https:\/\/storage\.googleapis\.com\/storage\/v1\/b\/bucket\/o\/a%20b\?fields=/);
    const broken = { client_email: 'me', private_key: 'no key' };
    await expect(gcsStorage({ bucket: 'bucket', credentials: broken }).stat('a')).rejects.toThrow(
      withCode('INVALID_ARGUMENT'),
    );
  });

  it('sends its token nowhere but to Google and the endpoint', async () => {
    const asked: string[] = [];
    const storage = gcsStorage({
      bucket: 'bucket',
      credentials,
      retry: { attempts: 1 },
      partSize: 262_144,
      fetch: async (url) => {
        asked.push(new URL(String(url)).host);
        return new Response(null, { status: 200, headers: { location: 'https://evil.example/upload' } });
      },
    });
    await expect(storage.resumeWrite('a', new Uint8Array(10))).rejects.toThrow(withCode('STORAGE_FAILED'));
    const session = '0-a https://evil.example/upload';
    await expect(storage.resumeWrite('a', new Uint8Array(10), { session })).rejects.toThrow(withCode('STORAGE_FAILED'));
    expect([...new Set(asked)]).toEqual(['storage.googleapis.com']);
  });

  it('removes an object that arrived damaged', async () => {
    const methods: string[] = [];
    const storage = gcsStorage({
      bucket: 'bucket',
      credentials,
      fetch: async (_, init) => {
        methods.push(String(init?.method));
        return Response.json({ size: '3', generation: '5', crc32c: 'AAAAAA==' });
      },
    });
    await expect(storage.write('a', Uint8Array.of(1, 2, 3))).rejects.toThrow(withCode('STORAGE_CHECKSUM_MISMATCH'));
    expect(methods).toEqual(['POST', 'DELETE']);
  });

  it.each([
    { bucket: '' },
    { bucket: 'UPPER' },
    { bucket: 'b-1', partSize: 1000 },
    { bucket: 'b-1', endpoint: 'ftp://x' },
    { bucket: 'b-1', credentials: 3 },
    { bucket: 'b-1', prefx: 'x' },
  ])('refuses %j', (options) => {
    expect(() => gcsStorage(options as { bucket: string })).toThrow(withCode('INVALID_ARGUMENT'));
  });
});
