// Scaled dot product attention (Vaswani et al., arXiv:1706.03762) with grouped heads (Ainslie et al., arXiv:2305.13245),
// rotary embeddings (Su et al., arXiv:2104.09864), and attention as a linear recurrence.
import type { ElementType } from '../element-type.js';
import { type Heads, headsOf, packedHeads } from '../heads.js';
import { broadcastPositions } from '../indexing.js';
import { malformed, unsupported } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { rounder } from '../rounding.js';
import { softmaxRow } from '../softmax.js';
import { asTensor, fromNumbers, integers, numbers, type TensorValue, type Value } from '../value.js';

export const Attention: Kernel = (inputs, context) => {
  const [query, key, value, mask, pastKey, pastValue, lengthsInput] = inputs;
  const input = asTensor(query);
  const q = headsOf(input, context.int('q_num_heads'));
  const k = appended(pastKey, headsOf(asTensor(key), context.int('kv_num_heads')));
  const v = appended(pastValue, headsOf(asTensor(value), context.int('kv_num_heads')));
  if (q.heads % k.heads !== 0) throw malformed(`Expected ${k.heads} heads to divide ${q.heads} for Attention`);
  const lengths = lengthsInput === undefined ? undefined : integers(asTensor(lengthsInput));
  const before = pastKey === undefined ? 0 : asTensor(pastKey).dims[2]!;
  const scale = context.float('scale', 1 / Math.sqrt(q.size));
  const cap = context.float('softcap', 0);
  const mode = context.int('qk_matmul_output_mode', 0);
  const causal = context.int('is_causal', 0) === 1;
  const [leftWindow, rightWindow] = [context.int('left_window_size', -1), context.int('right_window_size', -1)];
  const bias = mask === undefined ? undefined : maskOf(asTensor(mask), [q.batch, q.heads, q.length, k.length]);
  const precision = context.int('softmax_precision');
  const softmaxType = precision === undefined ? input.type : context.elementType(precision);
  // Every step of the definition is a tensor of the input's type, and is rounded to it.
  const [back, cast] = [rounder(input.type), rounder(softmaxType)];

  // Both sides take the root of the scale, as the definition has it: that is what keeps 16-bit products in range.
  const root = back(Math.sqrt(scale));
  const [queries, keys] = [q, k].map(({ values }) => values.map((value) => back(value * root))) as [
    Float64Array,
    Float64Array,
  ];
  const y = new Float64Array(q.batch * q.heads * q.length * v.size);
  const shown = new Float64Array(q.batch * q.heads * q.length * k.length);
  for (let head = 0; head < q.batch * q.heads; head++) {
    const batch = Math.floor(head / q.heads);
    const shared = batch * k.heads + Math.floor((head % q.heads) / (q.heads / k.heads));
    // Valid keys that come before the first query.
    const offset = lengths !== undefined && pastKey === undefined ? lengths[batch]! - q.length : before;
    for (let i = 0; i < q.length; i++) {
      const row = head * q.length + i;
      const scores = new Float64Array(k.length);
      let open = false;
      for (let j = 0; j < k.length; j++) {
        let product = 0;
        for (let d = 0; d < q.size; d++) {
          product += queries[row * q.size + d]! * keys[(shared * k.length + j) * k.size + d]!;
        }
        const raw = back(product);
        const capped = cap > 0 ? back(cap * back(Math.tanh(back(raw / cap)))) : raw;
        const distance = j - (i + offset);
        const hidden =
          (causal && distance > 0) ||
          (leftWindow >= 0 && -distance > leftWindow) ||
          (rightWindow >= 0 && distance > rightWindow) ||
          (lengths !== undefined && j >= lengths[batch]!);
        const addend = hidden ? Number.NEGATIVE_INFINITY : (bias?.(row * k.length + j) ?? 0);
        if (addend !== Number.NEGATIVE_INFINITY) open = true;
        const biased = back(capped + addend);
        scores[j] = cast(biased);
        shown[row * k.length + j] = mode === 0 ? raw : mode === 1 ? capped : biased;
      }
      // A row that sees no key gives zeros.
      const weights = new Float64Array(k.length);
      if (open) softmaxRow(scores, weights, { first: 0, step: 1, size: k.length }, softmaxType);
      for (let j = 0; j < k.length; j++) {
        const weight = back(weights[j]!);
        if (mode === 3) shown[row * k.length + j] = weight;
        for (let d = 0; weight !== 0 && d < v.size; d++) {
          y[row * v.size + d]! += weight * v.values[(shared * v.length + j) * v.size + d]!;
        }
      }
    }
  }
  const result: Heads = { batch: q.batch, heads: q.heads, length: q.length, size: v.size, values: y };
  return [
    input.dims.length === 3
      ? fromNumbers(input.type, [q.batch, q.length, q.heads * v.size], packedHeads(result))
      : fromNumbers(input.type, [q.batch, q.heads, q.length, v.size], y),
    context.wants(1) ? headsTensor(asTensor(key).type, k) : undefined,
    context.wants(2) ? headsTensor(asTensor(value).type, v) : undefined,
    context.wants(3) ? fromNumbers(input.type, [q.batch, q.heads, q.length, k.length], shown) : undefined,
  ];
};

/** Keys or values with the past ones before them. */
function appended(past: Value | undefined, now: Heads): Heads {
  if (past === undefined) return now;
  const before = headsOf(asTensor(past), undefined);
  const length = before.length + now.length;
  const values = new Float64Array(now.batch * now.heads * length * now.size);
  for (let head = 0; head < now.batch * now.heads; head++) {
    const [old, fresh] = [before.length * now.size, now.length * now.size];
    values.set(before.values.subarray(head * old, (head + 1) * old), head * length * now.size);
    values.set(now.values.subarray(head * fresh, (head + 1) * fresh), head * length * now.size + old);
  }
  return { ...now, length, values };
}

function headsTensor(type: ElementType, { batch, heads, length, size, values }: Heads): TensorValue {
  return fromNumbers(type, [batch, heads, length, size], values);
}

/** The mask as an addend of each score. Keys beyond a mask that is too short are hidden. */
function maskOf(mask: TensorValue, dims: readonly number[]): (at: number) => number {
  const keys = dims[3]!;
  const own = mask.dims[mask.dims.length - 1]!;
  const covered = own === 1 || own >= keys ? keys : own;
  const positions = broadcastPositions(mask.dims, [...dims.slice(0, 3), covered]);
  const values = numbers(mask);
  const addends = mask.type === 'bool' ? values.map((value) => (value === 0 ? Number.NEGATIVE_INFINITY : 0)) : values;
  return (at) => {
    const key = at % keys;
    return key < covered ? addends[positions[Math.floor(at / keys) * covered + key]!]! : Number.NEGATIVE_INFINITY;
  };
}

export const RotaryEmbedding: Kernel = ([input, cosines, sines, positions], context) => {
  const x = asTensor(input);
  const heads = headsOf(x, context.int('num_heads'));
  const turned = context.int('rotary_embedding_dim', 0) || heads.size;
  const half = turned / 2;
  const interleaved = context.int('interleaved', 0) === 1;
  const [cos, sin] = [numbers(asTensor(cosines)), numbers(asTensor(sines))];
  const ids = positions === undefined ? undefined : integers(asTensor(positions));
  const out = Float64Array.from(heads.values);
  for (let row = 0; row < heads.batch * heads.heads * heads.length; row++) {
    const token = Math.floor(row / (heads.heads * heads.length)) * heads.length + (row % heads.length);
    const angles = (ids === undefined ? token : ids[token]!) * half;
    for (let k = 0; k < half; k++) {
      const first = row * heads.size + (interleaved ? 2 * k : k);
      const second = row * heads.size + (interleaved ? 2 * k + 1 : k + half);
      const [a, b] = [heads.values[first]!, heads.values[second]!];
      out[first] = cos[angles + k]! * a - sin[angles + k]! * b;
      out[second] = sin[angles + k]! * a + cos[angles + k]! * b;
    }
  }
  const result = { ...heads, values: out };
  return [fromNumbers(x.type, x.dims, x.dims.length === 3 ? packedHeads(result) : out)];
};

/** A state matrix for each head that every token decays, corrects and adds to, and that its query reads. */
export const LinearAttention: Kernel = ([query, key, value, past, decay, beta], context) => {
  const [input, keys] = [asTensor(query), context.int('kv_num_heads')];
  const q = headsOf(input, context.int('q_num_heads'));
  const k = headsOf(asTensor(key), keys);
  const v = headsOf(asTensor(value), keys);
  const rule = context.string('update_rule', 'gated_delta');
  if (!['linear', 'gated', 'delta', 'gated_delta'].includes(rule)) {
    throw unsupported(`Expected linear, gated, delta or gated_delta for update_rule but received ${rule}`);
  }
  const gate = rule.includes('gated') ? headsOf(asTensor(decay, 'decay'), k.heads) : undefined;
  const rate = rule.includes('delta') ? asTensor(beta, 'beta') : undefined;
  const rates = rate === undefined ? undefined : headsOf(rate, rate.dims[2] === 1 ? 1 : k.heads);
  const scale = context.float('scale', 0) || 1 / Math.sqrt(q.size);
  const size = k.size * v.size;
  const states =
    past === undefined ? new Float64Array(k.batch * k.heads * size) : Float64Array.from(numbers(asTensor(past)));
  const out = new Float64Array(q.batch * q.heads * q.length * v.size);
  const shared = q.heads / k.heads;
  for (let head = 0; head < k.batch * k.heads; head++) {
    const batch = Math.floor(head / k.heads);
    const state = states.subarray(head * size, (head + 1) * size);
    for (let time = 0; time < q.length; time++) {
      const token = head * k.length + time;
      if (gate !== undefined) {
        for (let at = 0; at < size; at++) {
          const entry = gate.size === 1 ? 0 : Math.floor(at / v.size);
          state[at]! *= Math.exp(gate.values[token * gate.size + entry]!);
        }
      }
      for (let m = 0; m < v.size; m++) {
        let written = v.values[token * v.size + m]!;
        if (rates !== undefined) {
          let known = 0;
          for (let d = 0; d < k.size; d++) known += state[d * v.size + m]! * k.values[token * k.size + d]!;
          const own = rates.heads === 1 ? batch * rates.length + time : token;
          written = rates.values[own]! * (written - known);
        }
        for (let d = 0; d < k.size; d++) state[d * v.size + m]! += k.values[token * k.size + d]! * written;
        for (let reader = 0; reader < shared; reader++) {
          const row = (batch * q.heads + (head % k.heads) * shared + reader) * q.length + time;
          let sum = 0;
          for (let d = 0; d < k.size; d++) sum += q.values[row * q.size + d]! * state[d * v.size + m]!;
          out[row * v.size + m] = scale * sum;
        }
      }
    }
  }
  const result: Heads = { batch: q.batch, heads: q.heads, length: q.length, size: v.size, values: out };
  return [
    fromNumbers(input.type, [q.batch, q.length, q.heads * v.size], packedHeads(result)),
    fromNumbers(past === undefined ? input.type : asTensor(past).type, [k.batch, k.heads, k.size, v.size], states),
  ];
};
