// How long trials are, as a function of what a training image costs with each model: nothing else of the clock decides what
// a trial is.

/** How long trials are. The same plan, data, options and seed give the same trials, on any machine. */
export interface AutoTrainPlan {
  /** Times a trial is judged. */
  readonly rounds: number;
  /** Images that a model trains on between two judgements; models that are too slow for the budget are absent. */
  readonly imagesPerRound: Readonly<Record<string, number>>;
  /** Images that trials are judged by; the result is judged by all. */
  readonly judged: number;
  /** What a training image costs with each model, as measured; what decided the rest. */
  readonly secondsPerImage: Readonly<Record<string, number>>;
}

/** Shares of the budget. */
export const measuringShare = 0.1;
export const searchShare = 0.55;
export const finalShare = 0.35;

/** Trials that would fit into the search if each ran to its end; most are ended early. */
const wholeTrials = 6;
/** Passes over the data after which nothing more is to be learnt in a trial. */
const mostPasses = 30;
/** A model that could see fewer images in a trial than this, or than there are, would be judged by chance. */
const leastImages = 5000;
/** What an image costs that is only judged, as a share of one that is trained on. */
const judgingShare = 1 / 3;
/** Share of a trial's time that judging may take, and images that it takes at least. */
const mostJudging = 0.3;
const leastJudged = 200;

/** Decides how long trials are. */
export function makePlan(
  secondsPerImage: Readonly<Record<string, number>>,
  { budget, images, judged }: { budget: number; images: number; judged: number },
): AutoTrainPlan {
  const trialSeconds = (searchShare * budget) / wholeTrials;
  const roundsOf = (rounds: number): Record<string, number> =>
    Object.fromEntries(
      Object.entries(secondsPerImage).map(([name, seconds]) => [
        name,
        Math.min(((1 - mostJudging) * trialSeconds) / rounds / seconds, (images * mostPasses) / rounds),
      ]),
    );
  // Successive halving by three: 1, 3, 9. Where rounds would be too short to tell anything there are fewer.
  const rounds = [9, 3].find((count) => Math.max(...Object.values(roundsOf(count))) >= Math.min(512, images)) ?? 1;
  const affordable = Object.entries(roundsOf(rounds)).sort((a, b) => b[1] - a[1]);
  const needed = Math.min(images, leastImages) / rounds;
  const kept = affordable.filter(([, count], at) => at === 0 || count >= needed);
  const dearest = Math.max(...kept.map(([name]) => secondsPerImage[name]!));
  const affordableJudged = Math.floor((mostJudging * trialSeconds) / rounds / (dearest * judgingShare));
  return {
    rounds,
    imagesPerRound: Object.fromEntries(kept.map(([name, count]) => [name, coarse(Math.max(32, count))])),
    judged: Math.min(judged, Math.max(leastJudged, coarse(Math.max(32, affordableJudged)))),
    secondsPerImage,
  };
}

/** Down to 1, 1.5, 2, 3, 4, 6 … times 32: what is measured again a little differently gives the same plan as a rule. */
function coarse(count: number): number {
  const power = 2 ** Math.floor(Math.log2(count / 32));
  return 32 * (count / 32 / power >= 1.5 && power > 1 ? 1.5 * power : power);
}

/** Passes over the data that the training of the best model has time for; 0 where that is no more than its trial had. */
export function finalEpochs(
  { rounds, imagesPerRound, secondsPerImage }: AutoTrainPlan,
  name: string,
  { budget, images, judged }: { budget: number; images: number; judged: number },
): number {
  const epochSeconds = secondsPerImage[name]! * (images + judged * judgingShare);
  const epochs = Math.min(2 * mostPasses, Math.floor((finalShare * budget) / epochSeconds));
  return epochs * images > rounds * imagesPerRound[name]! ? epochs : 0;
}
