export { type ApplyRecipeOptions, applyRecipe } from './apply-recipe.js';
export {
  type FailedRecipe,
  type OptimizationResult,
  type OptimizationTarget,
  type OptimizedModel,
  type OptimizeForOptions,
  optimizeFor,
} from './optimize-for.js';
export { describeRecipe, type Recipe, type RecipeStep, readRecipe } from './recipe.js';
export { frontPlot, type RecipePageOptions, recipePage } from './recipe-page.js';
