import { expect } from 'vitest';
import { joinChunks } from '../chunks.js';
import { sha256Of, toHex } from '../hash/encoding.js';
import type { Storage, StorageCapabilities } from '../storage.js';

/** Tests that a backend cannot pass by its nature, and why. */
export interface StorageSkip {
  /** Shown beside the skipped tests. */
  readonly reason: string;
  /** Titles of the tests. An unknown title fails the suite, so that skips do not outlive their test. */
  readonly tests: readonly string[];
}

/** Cuts the connections of a storage. Bytes are those of the connection, headers included. */
export interface ConnectionCutter {
  /** Cuts the next `times` connections that have carried `bytes` from the client to the server. */
  cutUploads(times: number, bytes: number): void;
  /** Cuts the next `times` connections that have carried `bytes` from the server to the client. */
  cutDownloads(times: number, bytes: number): void;
  /** Cuts the next `times` connections when the server answers, so that its work is done but no answer comes. */
  cutAnswers(times: number): void;
  /** Cuts that have not happened yet. */
  readonly pending: number;
  /** Bytes that the server has sent so far, over all connections. */
  readonly downloaded: number;
  /** Bytes that the client has sent so far, over all connections. */
  readonly uploaded: number;
}

/** Options of {@link storageConformance}. */
export interface StorageConformanceOptions {
  /**
   * Makes an empty storage before each test; `cleanup` runs after it. A storage behind a network also hands out
   * something to cut its connections with.
   */
  create(): Promise<{ readonly storage: Storage; readonly cutter?: ConnectionCutter; cleanup(): Promise<void> }>;
  /**
   * Puts objects where the backend reads them, for backends that cannot write. By default the storage itself writes.
   */
  readonly seed?: (storage: Storage, objects: Readonly<Record<string, Uint8Array>>) => Promise<void>;
  readonly skip?: readonly StorageSkip[];
  /** Objects that the test of long listings puts; 2,500 by default, which is more than two pages of S3. */
  readonly listed?: number;
}

/** What a test of the suite stands on. */
interface Ground {
  readonly storage: Storage;
  readonly listed: number;
  seed(objects: Readonly<Record<string, Uint8Array>>): Promise<void>;
  /** Skips the test where the storage cannot. */
  need(capability: keyof StorageCapabilities): void;
  /** Skips the test where there is no network. */
  needCutter(): ConnectionCutter;
}

/** One test of the suite. */
export interface Case {
  readonly title: string;
  run(ground: Ground): Promise<void>;
}

/** Bytes that differ at every position of a chunk and between chunks. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) * 13) & 0xff);
}

/** As `toEqual`, but quick on large arrays. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function fromText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return toHex(await sha256Of(bytes));
}

export async function* stream(...chunks: readonly (Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield chunk;
  }
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return joinChunks(chunks);
}

export async function keys(storage: Storage, prefix?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of storage.list(prefix)) found.push(key);
  return found;
}

export function withCode(code: string): unknown {
  return expect.objectContaining({ name: 'PerceptError', code });
}
