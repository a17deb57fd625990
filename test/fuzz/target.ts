/**
 * Something that takes foreign bytes. Its file is `test/fuzz/targets/<name>.ts` and exports it as `target`; that is all
 * it takes to be fuzzed.
 */
export interface FuzzTarget {
  /** Name of the file and of the target: `onnx`. */
  readonly name: string;
  /** Valid inputs, small ones, that mutations start from. The same ones in the same order every time. */
  seeds(): Promise<Uint8Array[]> | Uint8Array[];
  /**
   * Treats one input. It may refuse it with a `PerceptError`; any other error, a rejection that nobody handles, a crash
   * and a hang over one second are failures. The bytes may be kept and changed.
   */
  run(bytes: Uint8Array): Promise<void>;
}
