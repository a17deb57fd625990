import { AwsClient } from 'aws4fetch';
import { findServer } from './binary.js';
import { startServer } from './server.js';

/** A real S3 server on loopback. */
export interface S3Server {
  readonly name: string;
  readonly port: number;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  createBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

const credentials = { accessKeyId: 'percept-access', secretAccessKey: 'percept-secret-key' };

/** Starts MinIO, or versitygw where MinIO cannot be had; the reason, if neither can. */
export async function startS3Server(): Promise<S3Server | string> {
  const minio = findServer({ name: 'minio', module: 'github.com/minio/minio@latest' });
  if ('path' in minio) {
    const server = await startServer(
      minio.path,
      (port, folder) => ['server', folder, '--address', `127.0.0.1:${port}`, '--quiet'],
      {
        env: {
          MINIO_ROOT_USER: credentials.accessKeyId,
          MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
          MINIO_BROWSER: 'off',
          MINIO_UPDATE: 'off',
        },
        ready: '/minio/health/ready',
      },
    );
    return withBuckets('MinIO', server);
  }
  const gateway = findServer({ name: 'versitygw', module: 'github.com/versity/versitygw/cmd/versitygw@latest' });
  if ('path' in gateway) {
    const { accessKeyId, secretAccessKey } = credentials;
    const server = await startServer(
      gateway.path,
      (port, folder) => [
        ...['--port', `127.0.0.1:${port}`, '--access', accessKeyId, '--secret', secretAccessKey, '--quiet'],
        ...['--health', '/health', 'posix', folder],
      ],
      { ready: '/health' },
    );
    return withBuckets('versitygw', server);
  }
  return `${minio.reason}; ${gateway.reason}`;
}

function withBuckets(name: string, server: { readonly port: number; stop(): Promise<void> }): S3Server {
  const client = new AwsClient({ ...credentials, service: 's3', region: 'us-east-1', retries: 3 });
  return {
    name,
    ...server,
    credentials,
    async createBucket(bucket) {
      const response = await client.fetch(`http://127.0.0.1:${server.port}/${bucket}`, { method: 'PUT' });
      if (!response.ok) throw new Error(`Could not create the bucket: ${response.status} ${await response.text()}`);
      await response.body?.cancel();
    },
  };
}
