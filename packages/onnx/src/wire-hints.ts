/** What every part of a model may carry so that reading and writing lose nothing. */
export interface Kept {
  /** Fields of a later ONNX (tag and payload), byte for byte; written after the others. */
  unknownFields?: Uint8Array[];
  /**
   * How the file spells what protocol buffers let one spell in several ways. Nothing depends on it but that an unedited
   * part is written with the same bytes; drop it freely.
   */
  wire?: WireHints;
}

/** See {@link Kept.wire}. Fields are named by their numbers in onnx.proto. */
export interface WireHints {
  /** Fields that are given although they hold their default. */
  explicit?: number[];
  /** Fields that are not given although we would. */
  absent?: number[];
  /** Integers beyond 2^53. They count while the number here is the nearest one. */
  exact?: Record<number, bigint>;
  /** Encoded entries that differ from ours for the same content. They count while it is the same. */
  entries?: Record<number, Uint8Array[]>;
  /** Order of named parts where the containers here cannot hold it. */
  order?: string[];
}
