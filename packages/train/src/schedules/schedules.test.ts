import { readFileSync } from 'node:fs';
import { isPerceptError } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochRecord } from '../epoch-record.js';
import type { Schedule, ScheduleUnit } from '../schedules.js';
import * as schedules from '../schedules.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/schedules.json', import.meta.url), 'utf8'),
) as {
  curves: Record<string, number[]>;
  oneCycle: Record<string, number[]>;
  continuousRestarts: number[];
  figures: number[];
  plateaus: Record<string, number[]>;
};

const makers: Record<string, (unit: ScheduleUnit) => Schedule> = {
  step: (unit) => schedules.stepLR({ stepSize: 4, gamma: 0.3, unit }),
  'multi-step': (unit) => schedules.multiStepLR({ milestones: [3, 11, 11, 20], gamma: 0.5, unit }),
  exponential: (unit) => schedules.exponentialLR({ gamma: 0.93, unit }),
  cosine: (unit) => schedules.cosineAnnealingLR({ tMax: 25, unit }),
  'cosine above zero, twice': (unit) => schedules.cosineAnnealingLR({ tMax: 12, minFactor: 0.1, unit }),
  restarts: (unit) => schedules.cosineAnnealingWarmRestarts({ t0: 7, unit }),
  'growing restarts': (unit) => schedules.cosineAnnealingWarmRestarts({ t0: 4, tMult: 2, minFactor: 0.1, unit }),
  linear: (unit) => schedules.linearLR({ unit }),
  'linear down': (unit) => schedules.linearLR({ startFactor: 1, endFactor: 0.25, totalIters: 12, unit }),
  polynomial: (unit) => schedules.polynomialLR({ totalIters: 20, power: 0.9, unit }),
  'straight polynomial': (unit) => schedules.polynomialLR({ unit }),
  'warm-up': (unit) =>
    schedules.warmUp(schedules.cosineAnnealingLR({ tMax: 20, minFactor: 0.05, unit }), {
      length: 4,
      startFactor: 0.1,
      unit,
    }),
  'overlapping warm-up': (unit) =>
    schedules.warmUp(schedules.cosineAnnealingLR({ tMax: 25, unit }), {
      length: 6,
      startFactor: 0.2,
      overlap: true,
      unit,
    }),
  sequence: (unit) =>
    schedules.sequentialLR(
      [
        schedules.stepLR({ stepSize: 3, gamma: 0.5, unit }),
        schedules.exponentialLR({ gamma: 0.9, unit }),
        schedules.polynomialLR({ totalIters: 10, power: 2, unit }),
      ],
      { milestones: [8, 15], unit },
    ),
};

function expectCurve(actual: readonly number[], expected: readonly number[]): void {
  for (const [index, value] of expected.entries()) {
    expect(Math.abs(actual[index]! - value), `position ${index}: ${actual[index]}`).toBeLessThan(1e-12);
  }
}

const stepsPerEpoch = 7;
const byEpoch = (schedule: Schedule) => (_: number, epoch: number) =>
  schedule.factor({ epoch, step: epoch % stepsPerEpoch, stepsPerEpoch });
const byStep = (schedule: Schedule) => (_: number, index: number) =>
  schedule.factor({ epoch: Math.floor(index / stepsPerEpoch), step: index % stepsPerEpoch, stepsPerEpoch });

describe('schedules against PyTorch', () => {
  it('are all recorded', () => {
    expect(Object.keys(makers)).toEqual(Object.keys(golden.curves));
  });

  it.each(Object.entries(golden.curves))('%s has the recorded curve, in epochs and in steps', (name, expected) => {
    expectCurve(expected.map(byEpoch(makers[name]!('epochs'))), expected);
    expectCurve(expected.map(byStep(makers[name]!('steps'))), expected);
  });

  it.each<[string, schedules.OneCycleLROptions]>([
    ['default', { totalSteps: 30 }],
    ['linear', { totalSteps: 30, annealStrategy: 'linear', pctStart: 0.25, divFactor: 10 }],
    ['three phases', { totalSteps: 30, threePhase: true, pctStart: 0.4, finalDivFactor: 100 }],
  ])('one cycle, %s, has the recorded curve', (name, options) => {
    const expected = golden.oneCycle[name]!;
    expectCurve(expected.map(byStep(schedules.oneCycleLR(options))), expected);
    const { totalSteps: _, ...rest } = options;
    const schedule = schedules.oneCycleLR({ ...rest, epochs: 5 });
    expectCurve(
      expected.map((_, index) => schedule.factor({ epoch: Math.floor(index / 6), step: index % 6, stepsPerEpoch: 6 })),
      expected,
    );
    expect(schedule.factor({ epoch: 9, step: 0, stepsPerEpoch: 6 })).toBe(
      schedule.factor({ epoch: 4, step: 5, stepsPerEpoch: 6 }),
    );
  });

  it('restarts with every batch have the recorded curve', () => {
    const schedule = schedules.cosineAnnealingWarmRestarts({ t0: 3, tMult: 2, unit: 'continuousEpochs' });
    const actual = golden.continuousRestarts.map((_, index) =>
      schedule.factor({ epoch: Math.floor(index / 4), step: index % 4, stepsPerEpoch: 4 }),
    );
    expectCurve(actual, golden.continuousRestarts);
  });

  const record = (value: number, index: number): EpochRecord => ({
    epoch: index + 1,
    trainLoss: 1,
    trainAccuracy: 0,
    validationLoss: value,
    learningRate: 1,
    seconds: 1,
    imagesPerSecond: 1,
  });

  it.each<[string, schedules.ReduceLROnPlateauOptions]>([
    ['default', {}],
    ['patient', { patience: 2, factor: 0.5 }],
    ['cooling', { patience: 1, factor: 0.5, cooldown: 3, threshold: 0.05, thresholdMode: 'abs' }],
    ['bounded', { mode: 'max', patience: 3, factor: 0.2, minFactor: 0.025 }],
  ])('plateau, %s, has the recorded curve', (name, options) => {
    const schedule = schedules.reduceLROnPlateau(options);
    const history = golden.figures.map(record);
    const actual = history.map((_, epoch) =>
      schedule.factor({ epoch, step: 0, stepsPerEpoch, history: history.slice(0, epoch) }),
    );
    expectCurve(actual, golden.plateaus[name]!);
  });
});

describe('schedules', () => {
  it('stay between 0 and 1, whatever they are composed of', () => {
    const position = fc.record({
      epoch: fc.nat(200),
      step: fc.nat(stepsPerEpoch - 1),
      stepsPerEpoch: fc.constant(stepsPerEpoch),
    });
    const unit = fc.constantFrom<ScheduleUnit>('epochs', 'steps', 'continuousEpochs');
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(makers)), unit, position, (make, unit, position) => {
        const factor = make(unit).factor(position);
        expect(factor).toBeGreaterThanOrEqual(0);
        expect(factor).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('multiply and follow one another from their own beginning, history included', () => {
    const plateau = schedules.reduceLROnPlateau({ metric: 'trainLoss', patience: 0, factor: 0.5 });
    const history = [1, 1, 1].map((trainLoss, index) => ({
      epoch: index + 1,
      trainLoss,
      trainAccuracy: 0,
      learningRate: 1,
      seconds: 1,
      imagesPerSecond: 1,
    }));
    const position = { epoch: 3, step: 0, stepsPerEpoch: 2, history };
    expect(plateau.factor(position)).toBe(0.25);
    for (const [unit, milestone] of [
      ['epochs', 1],
      ['steps', 2],
    ] as const) {
      const late = schedules.sequentialLR([schedules.constantLR(), plateau], { milestones: [milestone], unit });
      expect(late.factor(position)).toBe(0.5);
    }
    expect(schedules.chainedLR([plateau, plateau]).factor(position)).toBe(0.0625);
    expect(schedules.constantLR().factor(position)).toBe(1);
  });

  describe('of a plateau', () => {
    const epochs = (figures: readonly Partial<EpochRecord>[]): EpochRecord[] =>
      figures.map((each, index) => ({
        epoch: index + 1,
        trainLoss: 1,
        learningRate: 1,
        seconds: 1,
        imagesPerSecond: 1,
        ...each,
      }));
    const factor = (options: schedules.ReduceLROnPlateauOptions, history: EpochRecord[]): number =>
      schedules.reduceLROnPlateau(options).factor({ epoch: history.length, step: 0, stepsPerEpoch: 1, history });

    it('pass epochs over that were not validated', () => {
      const sparse = epochs([{}, { validationLoss: 1 }, {}, { validationLoss: 1 }, {}, { validationLoss: 1 }, {}]);
      const dense = epochs([1, 1, 1].map((validationLoss) => ({ validationLoss })));
      for (const options of [{ patience: 0 }, { patience: 1 }, { patience: 2 }, { patience: 0, cooldown: 1 }]) {
        expect(factor(options, sparse)).toBe(factor(options, dense));
      }
      expect(factor({ patience: 0 }, sparse)).toBeCloseTo(0.01, 12);
      expect(factor({}, sparse.slice(0, 1))).toBe(1);
    });

    it('follow figures of callbacks, of which more is better unless they are called a loss or an error', () => {
      const rising = (name: string) => epochs([1, 2, 3].map((value) => ({ metrics: { [name]: value } })));
      expect(factor({ metric: 'mAP', patience: 0 }, rising('mAP'))).toBe(1);
      expect(factor({ metric: 'pixelError', patience: 0 }, rising('pixelError'))).toBeCloseTo(0.01, 12);
    });

    it('say what is missing', () => {
      expect(() => factor({ metric: 'mAP' }, epochs([{}, { validationLoss: 1 }]))).toThrow(
        /Expected mAP .* epoch 2 has trainLoss, .*validationLoss/,
      );
    });

    it('watch the training loss where nothing is validated, and do not wait for what never comes', () => {
      const history = epochs([{}, {}, {}]);
      const position = { epoch: 3, step: 0, stepsPerEpoch: 1, history, validates: false };
      expect(schedules.reduceLROnPlateau({ patience: 0 }).factor(position)).toBeCloseTo(0.01, 12);
      expect(() => schedules.reduceLROnPlateau({ metric: 'validationLoss' }).factor(position)).toThrow(
        /Expected validationLoss .* epoch 1 has trainLoss.*give validation data/,
      );
    });
  });

  it.each<[string, () => unknown]>([
    ['stepSize', () => schedules.stepLR({ stepSize: 0 })],
    ['milestones', () => schedules.multiStepLR({ milestones: [0] })],
    ['gamma', () => schedules.exponentialLR({ gamma: 0 })],
    ['tMax', () => schedules.cosineAnnealingLR({ tMax: 0 })],
    ['tMult', () => schedules.cosineAnnealingWarmRestarts({ t0: 1, tMult: 1.5 })],
    ['two lengths', () => schedules.oneCycleLR({ epochs: 1, totalSteps: 10 })],
    ['no length', () => schedules.oneCycleLR({})],
    ['startFactor', () => schedules.linearLR({ startFactor: 0 })],
    ['power', () => schedules.polynomialLR({ power: 0 })],
    ['length', () => schedules.warmUp(schedules.constantLR(), { length: 0 })],
    ['factor', () => schedules.reduceLROnPlateau({ factor: 1 })],
    ['too few milestones', () => schedules.sequentialLR([schedules.constantLR()], { milestones: [1] })],
    [
      'falling milestones',
      () => {
        const one = schedules.constantLR();
        return schedules.sequentialLR([one, one, one], { milestones: [3, 2] });
      },
    ],
  ])('refuse %s', (_, wrong) => {
    expect(wrong).toThrow(expect.toSatisfy((error: unknown) => isPerceptError(error, 'INVALID_ARGUMENT')));
  });
});
