import { isPerceptError } from '@percept/core';
import { type AuditedNode, auditFusion } from '../audit/audit-fusion.js';
import type { Candidate, Candidates } from './candidate.js';
import { weightedLayers } from './layer-sensitivity.js';

/** The candidate without the layers that the runtime computes in float between conversions. */
export async function withoutUnfused(candidates: Candidates, candidate: Candidate): Promise<Candidate> {
  const layers = new Set(weightedLayers(candidates.model).map(({ name }) => name));
  const unfused = (await unfusedNodes(candidates, candidate)).filter(({ name }) => layers.has(name));
  // Nothing is left to quantize where no layer is fused: the time tells what that is worth.
  if (unfused.length === 0 || unfused.length === layers.size) return candidate;
  const kept = new Map(candidate.kept);
  for (const { name, reason } of unfused) kept.set(name, `the runtime does not fuse it: ${reason}`);
  return candidates.make(`without ${count(unfused.length)} that the runtime does not fuse`, kept);
}

async function unfusedNodes({ options }: Candidates, { model }: Candidate): Promise<readonly AuditedNode[]> {
  try {
    return (await auditFusion(model, { runtime: options.runtime })).unfused;
  } catch (error) {
    // A browser's runtime cannot show what it runs.
    if (isPerceptError(error, 'OPTIMIZE_AUDIT_UNAVAILABLE')) return [];
    throw error;
  }
}

/** `1 layer`, `2 layers`. */
export function count(layers: number): string {
  return `${layers} layer${layers === 1 ? '' : 's'}`;
}
