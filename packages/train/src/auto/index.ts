export { type AutoTrainResult, autoTrain } from './auto-train.js';
export type { ArchitectureName, AutoTrainOptions, LoaderRequest, MakeLoader } from './auto-train-options.js';
export type { AutoTrainPlan } from './plan.js';
export type { Recipe } from './recipe.js';
export type { AutoTrainReport, LeaderboardRow } from './report.js';
