import { join } from 'node:path';
import type { MonitorReport } from '@percept/core';
import { modelDigest, writeModel } from '@percept/onnx';
import { badCamera } from './camera.js';
import { correct } from './correct.js';
import { drive } from './drive.js';
import { divide, readAll } from './held-out.js';
import { catalogueAugmentation, learn, openSplit } from './learn.js';
import type { LoopOptions } from './options.js';
import { prepare } from './prepare.js';
import { promote, register } from './register.js';
import { retrain } from './retrain.js';
import { openScreen } from './screen.js';
import { serve } from './service.js';
import { shrink } from './shrink.js';
import { reportFolder, type Summary, summarize } from './summary.js';
import { swapUnderLoad } from './swap.js';
import { clothingTask, folderTask } from './task.js';
import { openWorkspace, type Step } from './workspace.js';

/** Carries a data set through the whole loop and, unless told otherwise, leaves the app open until `signal` (Ctrl-C). */
export async function runLoop(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const screen = openScreen(signal);
  const task = options.data === undefined ? clothingTask() : await folderTask(options.data);
  const workspace = await openWorkspace(join(options.out, `${task.folder}${options.quick ? '-quick' : ''}`));
  const told = <Result>({ result, reused }: Step<Result>, line: (result: Result) => string): Result => {
    screen.line(`${line(result)}${reused ? '  (done before)' : ''}`);
    return result;
  };

  screen.heading('Check the pictures and pack them into shards');
  const prepared = told(
    await prepare(workspace, task, options.quick, screen),
    ({ train, test, classes, dataset }) =>
      `${train} pictures to learn from, ${test} held out, ${classes.length} classes: dataset version ${dataset.slice(0, 19)}`,
  );
  for (const skip of prepared.skipped) screen.line(`skipped ${skip}`);
  const train = await openSplit(workspace, prepared.dataset, 'train');
  const heldOut = await divide(await openSplit(workspace, prepared.dataset, 'test'));

  screen.heading('Train');
  const lesson = { epochs: options.quick ? task.quickEpochs : task.epochs, learningRate: 1e-3 };
  const start = task.network(prepared.classes.length);
  const network = await modelDigest(writeModel(start));
  const learned = told(
    await workspace.step('train', { dataset: prepared.dataset, network, batchSize: task.batchSize, ...lesson }, (key) =>
      learn(
        workspace,
        task,
        {
          name: 'train',
          key,
          dataset: prepared.dataset,
          start,
          train,
          heldOut: heldOut.all,
          transform: catalogueAugmentation,
          ...lesson,
        },
        screen,
      ),
    ),
    ({ top1 }) => `top-1 on the held-out pictures ${percent(top1)}`,
  );

  screen.heading('Fold BatchNorm, quantize to int8, write the drift profile into the model');
  const shrunk = told(
    await workspace.step('shrink', { model: learned.digest }, () =>
      shrink(workspace, task, learned, { train, heldOut: heldOut.all, profile: heldOut.profile }, screen),
    ),
    ({ table }) => `\n${table}\n`,
  );

  screen.heading('Register and put into production');
  const release = told(
    await workspace.step('release', { model: learned.digest, dataset: prepared.dataset }, async () => {
      const registered = await register(workspace, task, prepared.dataset, learned, shrunk);
      await promote(workspace, task, registered);
      return registered;
    }),
    ({ int8Version }) => `models:/${task.name}/${int8Version} was made production`,
  );

  screen.heading('Serve');
  const service = await serve(workspace, task, heldOut.examples, options.port);
  try {
    screen.line(`open ${service.url}`);
    const classes = prepared.classes;
    const monitor = async () => (await (await fetch(`${service.url}/api/monitor`)).json()) as MonitorReport;

    screen.heading('Drive held-out photos, then darkened and blurred ones, and watch the drift');
    const driven = told(
      await workspace.step('drive', { release, dataset: prepared.dataset }, async () => {
        const photos = await readAll(heldOut.driven);
        const dark = await Promise.all(photos.map(badCamera));
        const send = (stage: string, pictures: typeof photos) =>
          screen.withProgress((long) => drive(service.url, pictures, classes, { stage, correct: true, ...long }));
        const good = await send('held-out photos', photos);
        const before = await monitor();
        const bad = await send('darkened and blurred photos', dark);
        return { good, bad, before, after: await monitor() };
      }),
      ({ before, after, good, bad }) =>
        `mean PSI ${psi(before)} on held-out photos, ${psi(after)} on darkened ones (${after.status}); ${good.corrections + bad.corrections} wrong answers were corrected`,
    );

    screen.heading('Make the corrections a dataset version and retrain');
    const corrected = told(await correct(workspace, task, prepared.dataset, screen), ({ corrections, dataset }) =>
      corrections === 0
        ? 'nothing was wrong: training goes on with the same pictures'
        : `${corrections} corrections: dataset version ${dataset.slice(0, 19)}, parent ${prepared.dataset.slice(0, 19)}`,
    );
    const retrained = told(
      await workspace.step('retrain', { dataset: corrected.dataset, model: learned.digest }, async (key) => {
        const relearned = await retrain(workspace, task, prepared, corrected.dataset, learned, heldOut, key, screen);
        const sources = { train, heldOut: heldOut.untouched, profile: heldOut.profile };
        return { learned: relearned, shrunk: await shrink(workspace, task, relearned, sources, screen) };
      }),
      (again) => `top-1 on held-out pictures that were never corrected: ${percent(again.shrunk.int8Top1)} (int8)`,
    );

    screen.heading('Put the retrained model into service while photos keep coming');
    const swapped = told(
      await workspace.step('swap', { model: retrained.learned.digest, after: release }, async () => {
        const next = await register(workspace, task, corrected.dataset, retrained.learned, retrained.shrunk);
        const during = await swapUnderLoad(workspace, task, service, next, await readAll(heldOut.driven), classes);
        const fresh = await Promise.all((await readAll(heldOut.fresh)).map(badCamera));
        const bad = await screen.withProgress((long) =>
          drive(service.url, fresh, classes, { stage: 'darkened photos, retrained model', correct: false, ...long }),
        );
        return { release: next, during, bad };
      }),
      ({ release: next, during }) =>
        `models:/${task.name}/${next.int8Version} is production: ${during.requests} requests during the swap, ${during.failed} failed`,
    );

    const figures: Summary = {
      top1: learned.top1,
      int8Top1: shrunk.int8Top1,
      floatBytes: shrunk.floatBytes,
      int8Bytes: shrunk.int8Bytes,
      driftBefore: driven.before.meanPsi,
      driftAfter: driven.after.meanPsi,
      retrainedTop1: retrained.shrunk.int8Top1,
      failedRequests: driven.good.failed + driven.bad.failed + swapped.during.failed + swapped.bad.failed,
      seconds: Math.round((performance.now() - started) / 1000),
    };
    const badCameraTop1 = { before: driven.bad.accuracy, after: swapped.bad.accuracy };
    const table = await summarize(workspace, {
      figures,
      trained: learned,
      shrunk,
      before: driven.before,
      after: driven.after,
      badCameraTop1,
    });
    console.log(`\n${table}\n\nPlots and report.html are in ${reportFolder(workspace)}`);
    if (options.serve) {
      console.log(`\nThe app is open at ${service.url}. Ctrl-C ends it.`);
      await aborted(signal);
    } else {
      console.log(JSON.stringify(figures));
      if (figures.failedRequests > 0) process.exitCode = 1;
    }
  } finally {
    await service.close();
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function psi({ meanPsi }: MonitorReport): string {
  return meanPsi === null ? 'unknown (too few photos)' : meanPsi.toFixed(3);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
