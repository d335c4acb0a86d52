export { type BackendName, backendNames, openBackend } from './backends.js';
export { type GenerateProgress, type GenerateRequest, generate } from './generate.js';
export { findRecipe, type Recipe, recipes } from './recipes.js';
export { createTweedieRegistry, type TweedieCatalog, type TweedieRegistry } from './registry.js';
export {
  createModel,
  createRun,
  createSampling,
  overrideConfig,
  type PluginChoice,
  type Run,
  type RunConfig,
  resolveConfig,
  type SamplingChoice,
} from './run-config.js';
