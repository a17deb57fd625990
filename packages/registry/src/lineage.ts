// What was made from what. Every edge leads from the older thing to the newer one:
// dataset → dataset (derived), dataset → run (input), dataset → model (input), run → model (produced), model → model (derived).
import type { Storage } from '@percept/storage';
import { listDatasets } from './datasets.js';
import { listModels, listVersions } from './models.js';
import { notRegistered } from './names.js';
import type { ModelVersion } from './records.js';
import { findVersion } from './resolver.js';
import { listRuns } from './runs.js';

/** What a lineage connects. */
export type LineageKind = 'model' | 'run' | 'dataset';

/** One thing in a lineage. */
export interface LineageNode {
  readonly kind: LineageKind;
  /** Run id, dataset version id, or `name/version` of a model (the digest of one that is not registered). */
  readonly id: string;
  /** `false` when something refers to it but it is not in this registry. */
  readonly registered: boolean;
}

/** One step from what was there before to what was made of it. */
export interface LineageEdge {
  readonly from: { readonly kind: LineageKind; readonly id: string };
  readonly to: { readonly kind: LineageKind; readonly id: string };
  /** `input`: learned from. `produced`: made by a run. `derived`: made from another of its kind. */
  readonly relation: 'input' | 'produced' | 'derived';
}

/** Everything that one thing came from, and everything that came from it. */
export interface LineageGraph {
  readonly root: LineageNode;
  /** The root, its ancestors and its descendants, in order of kind and id. */
  readonly nodes: readonly LineageNode[];
  /** The edges on the way up and down from the root. */
  readonly edges: readonly LineageEdge[];
}

/** The ancestors and descendants of a registered thing. Reads all records of the registry. */
export async function lineage(storage: Storage, kind: LineageKind, id: string): Promise<LineageGraph> {
  const { nodes, edges } = await wholeGraph(storage);
  const rootId = kind === 'model' ? await modelId(storage, id) : id;
  const root = nodes.get(keyOf({ kind, id: rootId }));
  if (root?.registered !== true) {
    const what = { model: 'model version', run: 'run', dataset: 'dataset version' }[kind];
    throw notRegistered(`a ${what} "${id}"`, 'listModels(), listRuns() and listDatasets() show what there is', {
      kind,
      id,
    });
  }
  const found = new Map([[keyOf(root), root]]);
  const taken = new Set<LineageEdge>();
  for (const [near, far] of [
    ['to', 'from'],
    ['from', 'to'],
  ] as const) {
    const queue = [keyOf(root)];
    const seen = new Set(queue);
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      for (const edge of edges) {
        if (keyOf(edge[near]) !== key) continue;
        taken.add(edge);
        const next = keyOf(edge[far]);
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
        found.set(next, nodes.get(next)!);
      }
    }
  }
  return {
    root,
    nodes: [...found.values()].sort((a, b) => compare(keyOf(a), keyOf(b))),
    edges: edges.filter((edge) => taken.has(edge)),
  };
}

async function wholeGraph(storage: Storage): Promise<{ nodes: Map<string, LineageNode>; edges: LineageEdge[] }> {
  const datasets = await listDatasets(storage);
  const runs = await listRuns(storage, {});
  const models: ModelVersion[] = [];
  for (const { name } of await listModels(storage)) models.push(...(await listVersions(storage, name)));

  const nodes = new Map<string, LineageNode>();
  const edges: LineageEdge[] = [];
  const add = (kind: LineageKind, id: string, registered: boolean): LineageNode => {
    const key = keyOf({ kind, id });
    const node = nodes.get(key) ?? { kind, id, registered };
    nodes.set(key, node);
    return node;
  };
  const connect = (from: LineageNode, to: LineageNode, relation: LineageEdge['relation']) =>
    edges.push({ from: { kind: from.kind, id: from.id }, to: { kind: to.kind, id: to.id }, relation });

  // Everything registered first, so that what is only referred to is known as such.
  for (const { id } of datasets) add('dataset', id, true);
  for (const { id } of runs) add('run', id, true);
  for (const model of models) add('model', idOf(model), true);

  for (const { id, parents } of datasets) {
    for (const parent of parents) connect(add('dataset', parent, false), add('dataset', id, true), 'derived');
  }
  for (const { id, datasetVersion } of runs) {
    if (datasetVersion !== undefined) connect(add('dataset', datasetVersion, false), add('run', id, true), 'input');
  }
  for (const model of models) {
    const node = add('model', idOf(model), true);
    const { runId, datasetVersion, parentModel } = model;
    if (runId !== undefined) connect(add('run', runId, false), node, 'produced');
    if (datasetVersion !== undefined) connect(add('dataset', datasetVersion, false), node, 'input');
    if (parentModel === undefined) continue;
    for (const parent of parentIds(parentModel, models)) connect(add('model', parent, false), node, 'derived');
  }
  return { nodes, edges };
}

/** A parent named by digest is every version with these bytes, or the digest itself when none is registered. */
function parentIds(parentModel: string, models: readonly ModelVersion[]): string[] {
  if (!parentModel.startsWith('sha256:')) return [parentModel.slice('models:/'.length)];
  const same = models.filter((model) => model.digest === parentModel).map(idOf);
  return same.length > 0 ? same : [parentModel];
}

/** Takes `name/3`, `name@alias` and `name`, with or without `models:/`. */
async function modelId(storage: Storage, id: string): Promise<string> {
  return idOf(await findVersion(storage, id.startsWith('models:/') ? id : `models:/${id}`));
}

function idOf({ name, version }: ModelVersion): string {
  return `${name}/${version}`;
}

function keyOf({ kind, id }: { readonly kind: LineageKind; readonly id: string }): string {
  return `${kind} ${id}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
