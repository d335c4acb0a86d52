export { type BackendName, backendNames, openBackend } from './backends.js';
export { exportRequest, type RunExport } from './export-request.js';
export { type GenerateProgress, type GenerateRequest, generate } from './generate.js';
export { type Int8DenoiserRequest, int8Denoiser } from './int8-denoiser.js';
export {
  combinePlugins,
  defineConfig,
  neededModules,
  type PluginModule,
  readPluginModule,
  replacedPlugins,
  type TweedieConfig,
} from './plugin-modules.js';
export { findRecipe, type Recipe, recipes } from './recipes.js';
export { createTweedieRegistry, type TweedieCatalog, type TweedieRegistry } from './registry.js';
export {
  changeableSettings,
  createModel,
  createRun,
  createSampling,
  overrideConfig,
  type Run,
  resolveConfig,
} from './run-config.js';
export {
  type NeededModule,
  type RunConfig,
  runParts,
  type SamplingChoice,
} from './run-config-form.js';
export {
  checkSamplingMemory,
  type SamplingMemoryRequest,
  samplingMemory,
} from './sampling-memory.js';
export { readStoredConfig } from './stored-config.js';
