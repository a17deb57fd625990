import type { Reporter, TestCase } from 'vitest/node';

/** Prints every skipped test with its reason: in its name, or the note given when it was skipped. */
export default class PrintSkips implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state !== 'skipped') return;
    console.log(`skipped: ${test.fullName}${result.note === undefined ? '' : `: ${result.note}`}`);
  }
}
