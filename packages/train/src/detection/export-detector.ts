import { parseOptions, tensor } from '@percept/core';
import { type Model, type PerceptMetadata, withMetadata } from '@percept/onnx';
import { assertValidModel, GraphEditor } from '@percept/onnx/graph';
import * as z from 'zod';
import { exportInference } from '../models/export-inference.js';
import { largestLogRatio } from './box-coder.js';
import { type DetectionThresholds, thresholds, withDefaults } from './decode-detections.js';
import { type Detector, detectorOf, withoutDetector } from './detector.js';

/** Options of {@link exportDetector}. The thresholds count only with `nms`. */
export interface ExportDetectorOptions extends DetectionThresholds {
  /** Whether boxes that overlap a better one of their class are dropped in the model itself. Default true. */
  nms?: boolean;
  /** Written into the model, beside what it says already. */
  metadata?: PerceptMetadata;
}

const schema = z.strictObject({
  ...thresholds,
  nms: z.boolean().optional(),
  metadata: z.custom<PerceptMetadata>((value) => typeof value === 'object' && value !== null, 'metadata').optional(),
});

/**
 * The detector to ship: its anchors, the decoding of boxes and the suppression of overlapping ones are nodes of the graph,
 * in standard operators, and give what `decodeDetections` gives. The given model is not changed; weights are shared.
 *
 * Outputs, boxes being corners (left, top, right, bottom) in fractions of the image:
 *
 * - with `nms`: of all D detections of the batch, the surest first, `boxes` `[D, 4]`, `scores` `[D]`, `labels` `[D]`
 *   int64 and `images` `[D]` int64, the place of each one's image in the batch;
 * - without: `boxes` `[N, anchors, 4]` and `scores` `[N, anchors, classes]`, probabilities.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model is no detector made by `ssdLite`, `ONNX_METADATA_INVALID`,
 *   `ONNX_MODEL_INVALID`, `INVALID_ARGUMENT`
 */
export function exportDetector(model: Model, options: ExportDetectorOptions = {}): Model {
  const { nms = true, metadata = {}, ...given } = parseOptions(schema, options, 'exportDetector() options');
  const detector = detectorOf(model);
  const exported = withoutDetector(exportInference(model, { activation: 'none' }));
  const editor = new GraphEditor(exported.graph);
  const output = exported.graph.outputs[0]!.name;
  const emit = nodeEmitter(editor);
  const { boxes, scores } = emitDecoding(emit, output, detector);
  editor.removeOutput(output);
  const declare = (value: string, name: string, type: 'float32' | 'int64', dims: (string | number)[]): void => {
    const named = emit.node('Identity', [value], {}, name);
    editor.addOutput({ name: named, type, dims, docString: '' });
  };
  if (nms) {
    const found = emitSuppression(emit, output, { boxes, scores }, withDefaults(given));
    declare(found.boxes, 'boxes', 'float32', ['D', 4]);
    declare(found.scores, 'scores', 'float32', ['D']);
    declare(found.labels, 'labels', 'int64', ['D']);
    declare(found.images, 'images', 'int64', ['D']);
  } else {
    const anchors = detector.anchors.length / 4;
    declare(boxes, 'boxes', 'float32', ['N', anchors, 4]);
    declare(scores, 'scores', 'float32', ['N', anchors, detector.classes]);
  }
  editor.removeUnused();
  assertValidModel(exported);
  return withMetadata(exported, metadata);
}

type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** Adds nodes and constants one after the other. */
interface NodeEmitter {
  node(opType: string, inputs: readonly string[], attributes?: Attributes, output?: string): string;
  /** A node's second output. */
  second(opType: string, inputs: readonly string[], attributes: Attributes): string;
  floats(dims: readonly number[], values: ArrayLike<number>): string;
  integers(dims: readonly number[], values: readonly number[]): string;
  /** `value[from:to]` along `axis`. */
  slice(value: string, axis: number, from: number, to: number): string;
}

function nodeEmitter(editor: GraphEditor): NodeEmitter {
  const emit: NodeEmitter = {
    node(opType, inputs, attributes = {}, output = editor.freshName(opType)) {
      editor.insert({ opType, inputs: [...inputs], outputs: [output], attributes });
      return output;
    },
    second(opType, inputs, attributes) {
      const outputs = [editor.freshName(opType), editor.freshName(`${opType}.second`)];
      editor.insert({ opType, inputs: [...inputs], outputs, attributes });
      return outputs[1]!;
    },
    floats: (dims, values) => editor.addConstant('detector', tensor('float32', dims, Float32Array.from(values))),
    integers: (dims, values) => editor.addConstant('detector', tensor('int64', dims, values.map(BigInt))),
    slice: (value, axis, from, to) =>
      emit.node('Slice', [value, emit.integers([1], [from]), emit.integers([1], [to]), emit.integers([1], [axis])]),
  };
  return emit;
}

/** The boxes of all anchors, `[N, anchors, 4]`, and their probabilities, `[N, anchors, classes]`. */
function emitDecoding(
  emit: NodeEmitter,
  output: string,
  { anchors, weights, classes, scores: kind }: Detector,
): { boxes: string; scores: string } {
  const count = anchors.length / 4;
  const pairs = (of: (low: number, high: number, axis: 0 | 1) => number): string =>
    emit.floats(
      [1, count, 2],
      Array.from({ length: count * 2 }, (_, i) => {
        const at = (i >> 1) * 4 + (i & 1);
        return of(anchors[at]!, anchors[at + 2]!, (i & 1) as 0 | 1);
      }),
    );
  const shift = emit.node('Mul', [
    emit.slice(output, 2, 0, 2),
    pairs((low, high, axis) => (high - low) / weights[axis]),
  ]);
  const centre = emit.node('Add', [shift, pairs((low, high) => (low + high) / 2)]);
  const scale = emit.floats([2], [1 / weights[2], 1 / weights[3]]);
  const logRatio = emit.node('Min', [
    emit.node('Mul', [emit.slice(output, 2, 2, 4), scale]),
    emit.floats([], [largestLogRatio]),
  ]);
  const half = emit.node('Mul', [emit.node('Exp', [logRatio]), pairs((low, high) => (high - low) / 2)]);
  const corners = emit.node('Concat', [emit.node('Sub', [centre, half]), emit.node('Add', [centre, half])], {
    axis: 2,
  });
  const boxes = emit.node('Clip', [corners, emit.floats([], [0]), emit.floats([], [1])]);
  const logits = emit.slice(output, 2, 4, 4 + classes + 1);
  const scores =
    kind === 'sigmoid'
      ? emit.node('Sigmoid', [logits])
      : emit.slice(emit.node('Softmax', [logits], { axis: 2 }), 2, 1, classes + 1);
  return { boxes, scores };
}

/** What is left of the boxes of a batch, the surest first. */
function emitSuppression(
  emit: NodeEmitter,
  output: string,
  { boxes, scores }: { boxes: string; scores: string },
  { scoreThreshold, iouThreshold, maxDetections }: Required<DetectionThresholds>,
): Record<'boxes' | 'scores' | 'labels' | 'images', string> {
  // [N, anchors, classes] to [N, classes, anchors], one class after the other.
  const perClass = emit.node('Transpose', [scores], { perm: [0, 2, 1] });
  const selected = emit.node('NonMaxSuppression', [
    boxes,
    perClass,
    emit.integers([1], [maxDetections]),
    emit.floats([1], [iouThreshold]),
    emit.floats([1], [scoreThreshold]),
  ]);
  const found = emit.node('GatherND', [perClass, selected]);
  const order = emit.second('TopK', [found, emit.node('Shape', [found])], { axis: 0, largest: 1, sorted: 1 });
  const sorted = emit.node('Gather', [selected, order], { axis: 0 });
  const column = (index: number): string => emit.node('Gather', [sorted, emit.integers([], [index])], { axis: 1 });
  const [images, labels] = [column(0), column(1)];

  // Of every image the best: each detection's place among those of its image, by counting.
  const batch = emit.node('Gather', [emit.node('Shape', [output]), emit.integers([], [0])], { axis: 0 });
  const range = emit.node('Range', [emit.integers([], [0]), batch, emit.integers([], [1])]);
  const axis = emit.integers([1], [1]);
  const own = emit.node('Equal', [emit.node('Unsqueeze', [images, axis]), range]);
  const mask = emit.node('Cast', [own], { to: 7 });
  const counted = emit.node('Mul', [emit.node('CumSum', [mask, emit.integers([], [0])]), mask]);
  const place = emit.node('ReduceSum', [counted, axis], { keepdims: 0 });
  const kept = emit.node('LessOrEqual', [place, emit.integers([], [maxDetections])]);
  const keep = (value: string): string => emit.node('Compress', [value, kept], { axis: 0 });
  const where = emit.node('Gather', [sorted, emit.integers([2], [0, 2])], { axis: 1 });
  return {
    boxes: keep(emit.node('GatherND', [boxes, where])),
    scores: keep(emit.node('Gather', [found, order], { axis: 0 })),
    labels: keep(labels),
    images: keep(images),
  };
}
