import { findServer } from './binary.js';
import { startServer } from './server.js';

/** A server on loopback that speaks Google Cloud Storage's JSON API. */
export interface GcsServer {
  readonly port: number;
  createBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts fake-gcs-server; the reason, if it cannot be had.
 *
 * @param publicPort - port on loopback that its upload addresses are to name, for a proxy before it
 */
export async function startGcsServer(publicPort?: number): Promise<GcsServer | string> {
  const found = findServer({ name: 'fake-gcs-server', module: 'github.com/fsouza/fake-gcs-server@latest' });
  if ('reason' in found) return found.reason;
  const server = await startServer(
    found.path,
    (port) => [
      ...['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-backend', 'memory'],
      ...['-external-url', `http://127.0.0.1:${publicPort ?? port}`, '-log-level', 'error'],
    ],
    { ready: '/storage/v1/b?project=percept' },
  );
  return {
    ...server,
    async createBucket(name) {
      const response = await fetch(`http://127.0.0.1:${server.port}/storage/v1/b?project=percept`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      if (!response.ok) throw new Error(`Could not create the bucket: ${response.status} ${await response.text()}`);
      await response.body?.cancel();
    },
  };
}
