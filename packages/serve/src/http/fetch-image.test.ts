import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createImageFetcher, type FetchPolicy } from './fetch-image.js';
import { isPublicAddress } from './public-address.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on an address of this machine; its port. */
async function serve(answer: RequestListener, host = '127.0.0.1'): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

/** Names of tests: 127.0.0.2 stands for a public address, everything else on this machine for a private one. */
const names: Record<string, string[]> = {
  'public.test': ['127.0.0.2'],
  'private.test': ['127.0.0.1'],
  'mixed.test': ['127.0.0.2', '127.0.0.1'],
  'none.test': [],
};
const lookup = ((hostname, _options, callback) => {
  const found = (names[hostname] ?? []).map((address) => ({ address, family: 4 }));
  callback(null, found as never);
}) as LookupFunction;
const policy: FetchPolicy = { lookup, isAllowed: (address) => address === '127.0.0.2' };

const options = (maxBytes = 1000, signal = new AbortController().signal) => ({ maxBytes, signal });

describe('isPublicAddress', () => {
  it.each([
    '127.0.0.1',
    '127.255.1.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.5',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::7f00:1',
    'fe80::1',
    'fd00:ec2::254',
    'fc00::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    '2001::1',
    '4000::1',
    'example.com',
    '',
  ])('says no to %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '::ffff:8.8.8.8', '2606:4700::6810:84e5', '2a00:1450:4001::200e'])(
    'says yes to %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('createImageFetcher', () => {
  it('fetches what is public', async () => {
    const port = await serve((request, response) => {
      expect(request.headers.cookie).toBeUndefined();
      response.end('picture');
    }, '127.0.0.2');
    const fetchImage = createImageFetcher(policy);
    expect(new TextDecoder().decode(await fetchImage(`http://public.test:${port}/a`, options()))).toBe('picture');
    expect(await fetchImage(`http://127.0.0.2:${port}/a`, options())).toHaveLength(7);
  });

  it('never reaches a private server, by whatever way it is named', async () => {
    let reached = 0;
    const port = await serve((_, response) => {
      reached++;
      response.end('secret');
    });
    const real = createImageFetcher();
    for (const host of [
      '127.0.0.1',
      'localhost',
      '127.1',
      '0x7f000001',
      '2130706433',
      '0177.0.0.1',
      '0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '127.0.0.1.',
      '①②⑦.0.0.1',
    ]) {
      await expect(real(`http://${host}:${port}/`, options()), host).rejects.toMatchObject({
        code: 'SERVE_URL_REFUSED',
      });
    }
    const faked = createImageFetcher(policy);
    for (const host of ['private.test', 'mixed.test', 'none.test']) {
      await expect(faked(`http://${host}:${port}/`, options()), host).rejects.toMatchObject({
        code: 'SERVE_URL_REFUSED',
      });
    }
    expect(reached).toBe(0);
  });

  it('checks every redirect', async () => {
    let reached = 0;
    const secret = await serve((_, response) => {
      reached++;
      response.end('secret');
    });
    const port = await serve((request, response) => {
      const targets: Record<string, string> = {
        '/ip': `http://127.0.0.1:${secret}/`,
        '/name': `http://private.test:${secret}/`,
        '/file': 'file:///etc/passwd',
        '/loop': '/loop',
        '/ok': '/picture',
      };
      const location = targets[request.url!];
      if (location === undefined) response.end('picture');
      else response.writeHead(302, { location }).end();
    }, '127.0.0.2');
    const fetchImage = createImageFetcher(policy);
    const at = (path: string) => fetchImage(`http://public.test:${port}${path}`, options());
    for (const path of ['/ip', '/name', '/file']) {
      await expect(at(path), path).rejects.toMatchObject({ code: 'SERVE_URL_REFUSED' });
    }
    await expect(at('/loop')).rejects.toMatchObject({ code: 'SERVE_URL_UNREADABLE' });
    expect(await at('/ok')).toHaveLength(7);
    expect(reached).toBe(0);
  });

  it.each(['ftp://public.test/a', 'data:image/png;base64,AAAA', 'http://user:pass@public.test/', 'not an address', ''])(
    'refuses %j',
    async (address) => {
      await expect(createImageFetcher(policy)(address, options())).rejects.toMatchObject({ code: 'SERVE_URL_REFUSED' });
    },
  );

  it('is bounded in size and time', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/announced') response.end(Buffer.alloc(2000));
      else if (request.url === '/endless') setInterval(() => response.write(Buffer.alloc(400)), 1).unref();
      else if (request.url === '/missing') response.writeHead(404).end();
    }, '127.0.0.2');
    const fetchImage = createImageFetcher({ ...policy, timeoutMs: 200 });
    const at = (path: string) => `http://public.test:${port}${path}`;
    for (const path of ['/announced', '/endless']) {
      await expect(fetchImage(at(path), options()), path).rejects.toMatchObject({ code: 'SERVE_BODY_TOO_LARGE' });
    }
    await expect(fetchImage(at('/missing'), options())).rejects.toMatchObject({ code: 'SERVE_URL_UNREADABLE' });
    await expect(fetchImage(at('/silent'), options())).rejects.toMatchObject({
      code: 'SERVE_URL_UNREADABLE',
      message: expect.stringContaining('200 ms'),
    });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    await expect(fetchImage(at('/silent'), options(1000, stop.signal))).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
