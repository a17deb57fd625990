/** Bytes of the object that goes up and down. */
export const objectSize = 1024 ** 3;
/** Parts of a multipart upload and of a parallel download, for all contestants. */
export const partSize = 8 * 1024 ** 2;
export const concurrency = 4;

/** What a contestant is told on its command line. */
export interface Job {
  readonly endpoint: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** File with the bytes of the object. */
  readonly file: string;
  readonly task: 'up' | 'resumable up' | 'down' | 'streamed down';
}
