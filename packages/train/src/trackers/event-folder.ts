/** Where the event files of a run are kept. */
export interface EventFolder {
  /** Names of the event files that are there. */
  eventFiles(): Promise<string[]>;
  /** Adds bytes to the end of an event file, durably when it resolves. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** Stores another file of the run. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** What stands at the end of the names of its event files. */
  readonly suffix: string;
}

/** The beginning of the names of event files, by which TensorBoard finds them. */
export const eventFilePrefix = 'events.out.tfevents.';
