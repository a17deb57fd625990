import { expect, it } from 'vitest';
import { curveInWords } from './curve.js';
import { fileName } from './use-panel.js';

it('tells the learning curve to those who listen', () => {
  const epochs = [
    { epoch: 1, trainLoss: 0.7 },
    { epoch: 2, trainLoss: 0.2 },
  ];
  expect(curveInWords(epochs)).toBe('Learning curve: the error went from 0.70 to 0.20 in 2 passes.');
  const checked = epochs.map((epoch) => ({ ...epoch, validationLoss: 0.31 }));
  expect(curveInWords(checked)).toContain('0.31 on the pictures kept aside');
});

it('names a file after what the model tells apart', () => {
  expect(fileName(['My cup', 'Straße 7!'])).toBe('my-cup-straße-7');
  expect(fileName(['?', '!'])).toBe('model');
  expect(fileName(['a', 'b', 'c', 'd', 'e'])).toBe('a-b-c-d');
});
