// Where everything lies in the storage: format 1.
//
//   registry.json                                  { format: 1 }; a reader refuses formats that it does not know
//   blobs/sha256/ab/<hex>                          bytes of models and artifacts, named by their SHA-256
//   models/<name>/versions/000001.json             one record a version, numbered without gaps
//   models/<name>/aliases/<alias>/000001.json      every change of an alias; the last one holds
//   runs/<id>/run.json                             what was known at the start
//   runs/<id>/params/<name>.json                   one object a parameter (name percent-encoded)
//   runs/<id>/metrics/000001.jsonl                 batches of { step, time, values }
//   runs/<id>/artifacts/<path>/.artifact.json      digest and size of an artifact; its bytes are a blob
//   runs/<id>/status.json                          how and when it ended
//   datasets/<id>.json                             reference to a dataset version (id percent-encoded)
//   index/models/<name>, index/runs/<experiment>/<id>    empty; make listing independent of what lies below
//
// Objects are created, never changed (artifact records excepted: the last one logged under a path holds), and always
// after what they refer to: bytes, then index, then record. So a writer that dies leaves at most bytes that no record
// mentions, and writers in any number of processes need no lock: whoever creates the next number has it, the others take
// the one after.

/** The format that this version writes, and the only one that it reads. */
export const format = 1;

export const formatKey = 'registry.json';
export const datasetFolder = 'datasets/';
export const modelIndex = 'index/models/';
export const runIndex = 'index/runs/';

export function blobKey(digest: string): string {
  const hex = digest.slice('sha256:'.length);
  return `blobs/sha256/${hex.slice(0, 2)}/${hex}`;
}

export function versionFolder(name: string): string {
  return `models/${name}/versions/`;
}

export function aliasesFolder(name: string): string {
  return `models/${name}/aliases/`;
}

export function aliasFolder(name: string, alias: string): string {
  return `${aliasesFolder(name)}${alias}/`;
}

export function runFolder(id: string): string {
  return `runs/${id}/`;
}

export function datasetKey(id: string): string {
  return `${datasetFolder}${encodeURIComponent(id)}.json`;
}
