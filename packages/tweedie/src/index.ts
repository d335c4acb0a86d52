export { type BackendName, backendNames, openBackend } from './backends.js';
export {
  type CalibrationOptions,
  type CalibrationPoint,
  calibrationOf,
} from './export-calibration.js';
export { type CheckOptions, checkExport, type ExportCheck } from './export-check.js';
export {
  type ExportedRun,
  type ExportKind,
  type ExportRequest,
  exportKinds,
  exportRun,
} from './export-run.js';
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
  createModel,
  createRun,
  createSampling,
  type NeededModule,
  overrideConfig,
  type Run,
  type RunConfig,
  resolveConfig,
  runParts,
  type SamplingChoice,
} from './run-config.js';
export { readStoredConfig } from './stored-config.js';
