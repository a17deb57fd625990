import { createServer } from 'node:http';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listen } from './listen.js';
import { colorPicture } from './testing/color-model.js';
import { testApp } from './testing/test-app.js';

const red = (await colorPicture('red')) as Uint8Array<ArrayBuffer>;
const hello = { fetch: () => new Response('hello') };

describe('listen', () => {
  it('serves the app over HTTP on this machine only', async () => {
    const { app } = testApp();
    const server = await listen(app, { port: 0 });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const body = new FormData();
    body.set('file', new File([red], 'red.png'));
    const response = await fetch(`${server.url}/api/predict`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ label: 'red' });
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('answers a body that is too large, and lives on', async () => {
    const { app } = testApp({ limits: { bodyBytes: 10_000 } });
    const server = await listen(app, { port: 0 });
    for (const body of [new Uint8Array(3_000_000), new Blob([new Uint8Array(3_000_000)]).stream()]) {
      const request = { method: 'POST', headers: { 'content-type': 'image/png' }, body, duplex: 'half' } as RequestInit;
      // The rest of the body need not be read, so the connection may end before the client has sent it.
      const status = await fetch(`${server.url}/api/predict`, request).then(
        (response) => response.status,
        () => 413,
      );
      expect(status).toBe(413);
    }
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200);
    await server.close();
  });

  it('passes over taken ports', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const server = await listen(hello, { port });
    expect(server.port).toBeGreaterThan(port);
    expect(await (await fetch(server.url)).text()).toBe('hello');
    await server.close();
    taken.close();
  });

  it('lets answers under way finish before it closes, and holds no idle connection', async () => {
    const server = await listen(
      {
        fetch: async () => {
          await sleep(60);
          return new Response('done');
        },
      },
      { port: 0 },
    );
    const idle = createConnection(server.port, '127.0.0.1');
    const answer = fetch(server.url).then((response) => response.text());
    await sleep(20);
    const started = performance.now();
    const closed = server.close();
    await sleep(5);
    await expect(fetch(server.url)).rejects.toThrow();
    expect(await answer).toBe('done');
    idle.destroy();
    await closed;
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('refuses ports that are none, and addresses that are not here', async () => {
    for (const port of [-1, 65_536, 1.5, '80' as never]) {
      await expect(listen(hello, { port })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    await expect(listen(hello, { port: 0, host: '192.0.2.1' })).rejects.toMatchObject({ code: 'SERVE_LISTEN_FAILED' });
  });
});
