// What can be found out about the machine in a browser. The one of Node is platform.node.ts.

/** The machine that figures were measured on. */
export interface Machine {
  /** Model of the processor, where it is known. */
  readonly cpu?: string | undefined;
  /** Cores that the process may use. */
  readonly cores: number;
  /** Vector extensions that matter (`AVX2`, `AVX-512 VNNI`, `AMX int8`, `dot product`); absent where they are not known. */
  readonly extensions?: readonly string[] | undefined;
  /** What runs JavaScript, and on what: `Node 22.1.0, linux x64`, a browser's user agent. */
  readonly host: string;
}

/** A session whose memory is to be measured. */
export interface MeasuredSession {
  /** The model's file. */
  readonly model: Uint8Array;
  /** Threads of the session; absent: the runtime's choice. */
  readonly threads?: number | undefined;
  /** Name and shape of its float32 input. */
  readonly input: { readonly name: string; readonly dims: readonly number[] };
  readonly signal?: AbortSignal | undefined;
}

/** Memory of a session, or why it is not known. */
export type SessionMemory = { readonly bytes: number } | { readonly unknown: string };

/** What a comparison asks of the place where it runs. */
export interface ComparisonPlatform {
  readMachine(): Machine;
  /** Memory that opening a model in onnxruntime-node and running it takes. */
  sessionMemory(session: MeasuredSession): Promise<SessionMemory>;
}

/** The platform of browsers, which do not tell what memory is used. */
export const platform: ComparisonPlatform = {
  readMachine() {
    // Some hosts are neither a browser nor Node.
    const { hardwareConcurrency = 1, userAgent = 'unknown host' } = globalThis.navigator ?? {};
    return { cores: hardwareConcurrency, host: userAgent };
  },
  sessionMemory: async () => ({ unknown: 'browsers do not tell' }),
};
