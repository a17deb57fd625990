// Recurrent layers: RNN, GRU and LSTM with all options of the operators. The equations are those of the ONNX definitions.
import { malformed } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { type Activation, recurrentActivations } from '../recurrent-activation.js';
import { asTensor, fromNumbers, integers, numbers, type Value } from '../value.js';

/** One step of one sample: writes the next state from the gates' inputs, which have the biases of W in them. */
type Step = (step: {
  /** X·Wᵀ + Wb, gate after gate. */
  readonly fromInput: Float64Array;
  /** The product of a state and the rows of R for gate `gate`, with Rb. */
  readonly recurrent: (gate: number, state: Float64Array) => Float64Array;
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
}) => void;

interface Layer {
  readonly gates: number;
  readonly defaults: readonly string[];
  /** Makes the step of one direction from its activation functions and peepholes. */
  readonly step: (
    activations: readonly Activation[],
    peepholes: Float64Array | undefined,
    context: KernelContext,
  ) => Step;
}

interface RecurrentInputs {
  readonly x: Value | undefined;
  readonly w: Value | undefined;
  readonly r: Value | undefined;
  readonly bias: Value | undefined;
  readonly lengths: Value | undefined;
  readonly hidden: Value | undefined;
  readonly cell?: Value | undefined;
  readonly peepholes?: Value | undefined;
}

/** Runs a layer over the sequences. Gives Y, Y_h and Y_c. */
function runLayer(inputs: RecurrentInputs, layer: Layer, context: KernelContext): readonly (Value | undefined)[] {
  const [x, w, r] = [asTensor(inputs.x), asTensor(inputs.w), asTensor(inputs.r)];
  const batchFirst = context.int('layout', 0) === 1;
  const [length, batch] = batchFirst ? [x.dims[1]!, x.dims[0]!] : [x.dims[0]!, x.dims[1]!];
  const [size, units] = [x.dims[2]!, r.dims[2]!];
  const direction = context.string('direction', 'forward');
  const directions = direction === 'bidirectional' ? 2 : 1;
  const optional = (value: Value | undefined) => (value === undefined ? undefined : numbers(asTensor(value)));
  const [values, weights, recurrence] = [numbers(x), numbers(w), numbers(r)];
  const biases = optional(inputs.bias);
  const lengths = inputs.lengths === undefined ? undefined : integers(asTensor(inputs.lengths));
  const [firstHidden, firstCell, peepholes] = [
    optional(inputs.hidden),
    optional(inputs.cell),
    optional(inputs.peepholes),
  ];
  const activations = recurrentActivations(layer.defaults, directions, context);
  const stateAt = (turn: number, sample: number) =>
    (batchFirst ? sample * directions + turn : turn * batch + sample) * units;
  const y = new Float64Array(length * directions * batch * units);
  const lastHidden = new Float64Array(directions * batch * units);
  const lastCell = new Float64Array(directions * batch * units);
  const rows = layer.gates * units;

  for (let turn = 0; turn < directions; turn++) {
    const peephole = peepholes?.subarray(turn * 3 * units, (turn + 1) * 3 * units);
    const step = layer.step(activations[turn]!, peephole, context);
    const backward = direction === 'reverse' || turn === 1;
    const bias = (row: number) => biases?.[turn * 2 * rows + row] ?? 0;
    for (let sample = 0; sample < batch; sample++) {
      const from = stateAt(turn, sample);
      const hidden = firstHidden?.slice(from, from + units) ?? new Float64Array(units);
      const cell = firstCell?.slice(from, from + units) ?? new Float64Array(units);
      const steps = lengths?.[sample] ?? length;
      if (steps > length) throw malformed(`Expected sequence lengths up to ${length} but received ${steps}`);
      for (let k = 0; k < steps; k++) {
        const time = backward ? steps - 1 - k : k;
        const first = (batchFirst ? sample * length + time : time * batch + sample) * size;
        const fromInput = Float64Array.from({ length: rows }, (_, row) => {
          let sum = bias(row);
          for (let at = 0; at < size; at++) sum += weights[(turn * rows + row) * size + at]! * values[first + at]!;
          return sum;
        });
        const recurrent = (gate: number, state: Float64Array) =>
          state.map((_, unit) => {
            const row = gate * units + unit;
            let sum = bias(rows + row);
            for (let at = 0; at < units; at++) sum += recurrence[(turn * rows + row) * units + at]! * state[at]!;
            return sum;
          });
        step({ fromInput, recurrent, hidden, cell });
        const to = batchFirst
          ? ((sample * length + time) * directions + turn) * units
          : ((time * directions + turn) * batch + sample) * units;
        y.set(hidden, to);
      }
      lastHidden.set(hidden, from);
      lastCell.set(cell, from);
    }
  }
  const yDims = batchFirst ? [batch, length, directions, units] : [length, directions, batch, units];
  const stateDims = batchFirst ? [batch, directions, units] : [directions, batch, units];
  return [
    fromNumbers(x.type, yDims, y),
    fromNumbers(x.type, stateDims, lastHidden),
    fromNumbers(x.type, stateDims, lastCell),
  ];
}

/** Bounds what goes into an activation function, where the attribute asks for it. */
function clipOf(context: KernelContext): (value: number) => number {
  const clip = context.float('clip');
  return clip === undefined ? (value) => value : (value) => Math.min(Math.max(value, -clip), clip);
}

export const RNN: Kernel = ([x, w, r, bias, lengths, hidden], context) =>
  runLayer(
    { x, w, r, bias, lengths, hidden },
    {
      gates: 1,
      defaults: ['Tanh'],
      step: ([f]) => {
        const clip = clipOf(context);
        return ({ fromInput, recurrent, hidden: h }) => {
          const sums = recurrent(0, h);
          for (let unit = 0; unit < h.length; unit++) h[unit] = f!(clip(fromInput[unit]! + sums[unit]!));
        };
      },
    },
    context,
  ).slice(0, 2);

export const GRU: Kernel = ([x, w, r, bias, lengths, hidden], context) =>
  runLayer(
    { x, w, r, bias, lengths, hidden },
    {
      gates: 3,
      defaults: ['Sigmoid', 'Tanh'],
      step: ([f, g]) => {
        const clip = clipOf(context);
        const linearBeforeReset = context.int('linear_before_reset', 0) !== 0;
        return ({ fromInput, recurrent, hidden: h }) => {
          const units = h.length;
          const [z, r] = [0, 1].map((gate) =>
            recurrent(gate, h).map((sum, unit) => f!(clip(fromInput[gate * units + unit]! + sum))),
          ) as [Float64Array, Float64Array];
          const sums = linearBeforeReset
            ? recurrent(2, h).map((sum, unit) => r[unit]! * sum)
            : recurrent(
                2,
                h.map((value, unit) => r[unit]! * value),
              );
          for (let unit = 0; unit < units; unit++) {
            const candidate = g!(clip(fromInput[2 * units + unit]! + sums[unit]!));
            h[unit] = (1 - z[unit]!) * candidate + z[unit]! * h[unit]!;
          }
        };
      },
    },
    context,
  ).slice(0, 2);

export const LSTM: Kernel = ([x, w, r, bias, lengths, hidden, cell, peepholes], context) =>
  runLayer(
    { x, w, r, bias, lengths, hidden, cell, peepholes },
    {
      gates: 4,
      defaults: ['Sigmoid', 'Tanh', 'Tanh'],
      step: ([f, g, h], peephole) => {
        const clip = clipOf(context);
        const coupled = context.int('input_forget', 0) !== 0;
        return ({ fromInput, recurrent, hidden: state, cell: memory }) => {
          const units = state.length;
          // Gates stand in the order input, output, forget, cell; peepholes in the order input, output, forget.
          const sums = [0, 1, 2, 3].map((gate) =>
            recurrent(gate, state).map((sum, unit) => sum + fromInput[gate * units + unit]!),
          ) as [Float64Array, Float64Array, Float64Array, Float64Array];
          const peek = (gate: number, unit: number, value: number) => (peephole?.[gate * units + unit] ?? 0) * value;
          for (let unit = 0; unit < units; unit++) {
            const before = memory[unit]!;
            const input = f!(clip(sums[0][unit]! + peek(0, unit, before)));
            const forget = coupled ? 1 - input : f!(clip(sums[2][unit]! + peek(2, unit, before)));
            const now = forget * before + input * g!(clip(sums[3][unit]!));
            const output = f!(clip(sums[1][unit]! + peek(1, unit, now)));
            memory[unit] = now;
            state[unit] = output * h!(now);
          }
        };
      },
    },
    context,
  );
