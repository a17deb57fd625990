// Relational knowledge distillation (Park et al. 2019, arXiv:1904.05068): how the images of a batch lie to each other, by
// distances and by angles. Value and gradient, as the authors' code computes them.
import { tensor } from '@percept/core';
import type { EmittedLoss, StepBuilder } from '@percept/train';

/** Rows of embeddings: a value `[batch, width]`. */
export interface Embeddings {
  readonly value: string;
  readonly width: number;
}

/** Squared distances below this count as this, as in the authors' code. */
const leastSquare = 1e-12;

/**
 * Mean Huber loss (δ = 1) between the distances of all pairs, each divided by the mean distance of its batch. The gradient
 * is with respect to the student's embeddings. 0 in a batch of one image.
 */
export function emitDistanceLoss(g: StepBuilder, student: Embeddings, teacher: Embeddings, batch: number): EmittedLoss {
  if (batch < 2) return nothing(g, student, batch);
  const others = offDiagonal(g, batch);
  const goal = relativeDistances(g, teacher.value, batch, others).relative;
  const { relative, distances, mean, open } = relativeDistances(g, student.value, batch, others);
  const { value, gradient } = huber(g, g.node('Sub', [relative, goal]), 2, batch ** 2);
  // The mean depends on every distance: what all of them lose by its growth is shared by all.
  const pairs = batch * (batch - 1);
  const common = g.node('Mul', [g.reduceSum(g.node('Mul', [gradient, relative]), [0, 1]), g.scalar(1 / pairs)]);
  const perDistance = g.node('Div', [g.node('Sub', [gradient, common]), mean]);
  const pulls = g.node('Mul', [g.node('Div', [perDistance, distances]), g.node('Mul', [open, others])]);
  const both = g.node('Add', [pulls, g.transpose(pulls, [1, 0])]);
  const own = g.node('Mul', [student.value, g.reduceSum(both, [1], true)]);
  return { value, gradient: g.node('Sub', [own, g.node('MatMul', [both, student.value])]) };
}

/**
 * Mean Huber loss (δ = 1) between the cosines of the angles that every two images form at every third. The gradient is
 * with respect to the student's embeddings. 0 in a batch of one image. Takes batch² · (width + batch) numbers of memory.
 */
export function emitAngleLoss(g: StepBuilder, student: Embeddings, teacher: Embeddings, batch: number): EmittedLoss {
  if (batch < 2) return nothing(g, student, batch);
  const goal = directions(g, teacher, batch).cosines;
  const { units, lengths, open, cosines } = directions(g, student, batch);
  const { value, gradient } = huber(g, g.node('Sub', [cosines, goal]), 3, batch ** 3);
  // Cosines are symmetric, and so is their gradient: each direction takes part in two of them.
  const towards = g.node('Mul', [g.node('MatMul', [gradient, units]), g.scalar(2)]);
  const along = g.reduceSum(g.node('Mul', [towards, units]), [2], true);
  const across = g.node('Sub', [towards, g.node('Mul', [along, units])]);
  const perDifference = g.node('Mul', [g.node('Div', [across, lengths]), open]);
  return {
    value,
    gradient: g.node('Sub', [g.reduceSum(perDifference, [0]), g.reduceSum(perDifference, [1])]),
  };
}

function relativeDistances(g: StepBuilder, embeddings: string, batch: number, others: string) {
  const difference = differences(g, embeddings);
  const squares = g.node('ReduceSumSquare', [difference], { axes: [2], keepdims: 0 });
  const least = g.scalar(leastSquare);
  const distances = g.node('Sqrt', [g.node('Max', [squares, least])]);
  const counted = g.node('Mul', [distances, others]);
  const mean = g.node('Mul', [g.reduceSum(counted, [0, 1]), g.scalar(1 / (batch * (batch - 1)))]);
  const open = g.mask(g.node('Greater', [squares, least]));
  return { relative: g.node('Div', [counted, mean]), distances, mean, open };
}

/** Directions from every image (axis 0) to every other (axis 1), of length 1, and the cosines between them. */
function directions(g: StepBuilder, { value }: Embeddings, batch: number) {
  const difference = differences(g, value);
  const squares = g.node('ReduceSumSquare', [difference], { axes: [2], keepdims: 1 });
  const least = g.scalar(leastSquare ** 2);
  const lengths = g.node('Sqrt', [g.node('Max', [squares, least])]);
  const units = g.node('Div', [difference, lengths]);
  const cosines = g.node('MatMul', [units, g.transpose(units, [0, 2, 1])]);
  const open = g.node('Mul', [
    g.mask(g.node('Greater', [squares, least])),
    g.reshape(offDiagonal(g, batch), [batch, batch, 1]),
  ]);
  return { units, lengths, open, cosines };
}

/** `x[j] - x[i]` at `[i, j]`. */
function differences(g: StepBuilder, embeddings: string): string {
  const [row, column] = [0, 1].map((axis) => g.node('Unsqueeze', [embeddings, g.integers([axis])]));
  return g.node('Sub', [row!, column!]);
}

function huber(g: StepBuilder, difference: string, rank: number, count: number): EmittedLoss {
  const clipped = g.node('Clip', [difference, g.scalar(-1), g.scalar(1)]);
  // c (d - c / 2) is d² / 2 inside and |d| - 1/2 outside.
  const rest = g.node('Sub', [difference, g.node('Mul', [clipped, g.scalar(0.5)])]);
  const sum = g.reduceSum(g.node('Mul', [clipped, rest]), [...Array(rank).keys()]);
  const share = g.scalar(1 / count);
  return { value: g.node('Mul', [sum, share]), gradient: g.node('Mul', [clipped, share]) };
}

function offDiagonal(g: StepBuilder, batch: number): string {
  const data = Float32Array.from({ length: batch * batch }, (_, at) => (at % (batch + 1) === 0 ? 0 : 1));
  return g.constant(tensor('float32', [batch, batch], data), 'others');
}

function nothing(g: StepBuilder, { width }: Embeddings, batch: number): EmittedLoss {
  return { value: g.scalar(0), gradient: g.fill([batch, width], 0) };
}
