// A child process that runs cases on one engine: never two engines in one process, and a crash takes only this one down.
import { loadCases, type SuiteCase } from './cases.js';
import { compute, type EngineName } from './engines.js';
import { judge, judgeError, type Outcome } from './outcome.js';

/** What the parent sends first: the engine, where the cases lie, which of them to run. */
export interface Assignment {
  readonly engine: EngineName;
  readonly folder: string;
  readonly names: readonly string[];
}

/** What the child tells: that it begins a case, and how it ended. */
export type Report = { readonly begun: string } | { readonly outcome: Outcome };

async function outcomeOf(engine: EngineName, suiteCase: SuiteCase): Promise<Outcome> {
  let answers: Awaited<ReturnType<typeof compute>>;
  try {
    answers = await compute(engine, suiteCase);
  } catch (error) {
    return judgeError(suiteCase.name, error);
  }
  return judge(suiteCase, answers);
}

process.once('message', async ({ engine, folder, names }: Assignment) => {
  const cases = new Map(loadCases(folder).cases.map((suiteCase) => [suiteCase.name, suiteCase]));
  const send = (report: Report) => new Promise((resolve) => process.send!(report, resolve));
  for (const name of names) {
    await send({ begun: name });
    await send({ outcome: await outcomeOf(engine, cases.get(name)!) });
  }
  process.disconnect();
});
