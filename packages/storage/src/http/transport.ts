// One HTTP exchange. In Node it is made by node:http (transport.node.ts), which moves large bodies with a fraction of the
// processor time of fetch(); in browsers, and with a `fetch` of the user's own, by fetch().

/** A request before it is sent. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | string | undefined;
  /** Asks for the bytes of the answer as they are stored, in whatever content coding their owner gave them. */
  readonly stored?: boolean | undefined;
}

/** Bytes as they come. */
export interface ByteBody {
  /** The next bytes, in an array that belongs to the caller; `undefined` at the end. Not called twice at once. */
  read(): Promise<Uint8Array | undefined>;
  /** Ends the transfer; a pending `read` ends somehow. */
  cancel(): void;
}

/** An answer whose body is still to be read or cancelled. */
export interface TransportAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Whether the browser hides a redirect, which only it can follow. */
  readonly opaque: boolean;
  /** Whether the body is not as it was sent, because a content coding was undone. */
  readonly decoded: boolean;
  readonly body: ByteBody | null;
}

/** Makes one exchange; redirects are answers, unless they are opaque and `follow` is asked for. */
export type Transport = (request: OutgoingRequest, signal: AbortSignal, follow?: boolean) => Promise<TransportAnswer>;

/** The content codings that are undone. */
export const codings = /^(?:(?:x-)?gzip|deflate|br)$/i;

/** A transport by `fetch`. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return async ({ url, method, headers = {}, body }, signal, follow = false) => {
    const response = await fetch(url, {
      method,
      headers,
      // The cast drops SharedArrayBuffer, which fetch refuses and nothing here hands in.
      body: (body as Uint8Array<ArrayBuffer> | string | undefined) ?? null,
      signal,
      redirect: follow ? 'follow' : 'manual',
    });
    return {
      status: response.status,
      headers: response.headers,
      opaque: response.type === 'opaqueredirect',
      // It leaves no choice.
      decoded: codings.test(response.headers.get('content-encoding')?.trim() ?? ''),
      body: response.body === null ? null : streamBody(response.body),
    };
  };
}

/** The transport where `fetch` is all there is; the global is looked up at each call, so that it can be replaced later. */
export const defaultTransport: Transport = fetchTransport((...call) => fetch(...call));

function streamBody(stream: ReadableStream<Uint8Array>): ByteBody {
  const reader = stream.getReader();
  return {
    async read() {
      const { value } = await reader.read();
      // The network's buffer may be shared or pooled.
      return value && new Uint8Array(value);
    },
    cancel() {
      reader.cancel().catch(() => {});
    },
  };
}
