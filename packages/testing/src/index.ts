export { testDataset } from './dataset-kit.js';
export { type GridKitOptions, testGrid } from './grid-kit.js';
export type { GradientSummary, NamedShape } from './hashed-numbers.js';
export {
  type AnnealedLangevinGolden,
  type LangevinGolden,
  langevinGolden,
} from './langevin-golden.js';
export { type LossKitOptions, testLoss } from './loss-kit.js';
export { type MixtureGolden, type MixtureGoldenLevel, mixtureGolden } from './mixture-golden.js';
export { type NetworkKitOptions, testNetwork } from './network-kit.js';
export { type OptimizerKitOptions, testOptimizer } from './optimizer-kit.js';
export { type ParameterizationKitOptions, testParameterization } from './parameterization-kit.js';
export {
  type RefinenetGolden,
  refinenetGoldens,
  refinenetParameterCounts,
} from './refinenet-golden.js';
export { elementwiseDenoiser, type Replay, replay } from './replay.js';
export { type SamplerKitOptions, testSampler } from './sampler-kit.js';
export { type ScheduleKitOptions, testSchedule } from './schedule-kit.js';
export {
  type BetaTable,
  betaTables,
  diffusionLoopCases,
  firstOrderLoopCases,
  goldenDraw,
  goldenModel,
  goldenNoise,
  goldenSample,
  goldenShape,
  type SchedulerConfig,
  type SchedulerLoop,
  type SchedulerVariance,
  schedulerReferences,
  schedulerVarianceCases,
  secondOrderLoopCases,
  timestepTables,
} from './scheduler-golden.js';
export { type ScoreMatchingGolden, scoreMatchingGolden } from './score-matching-golden.js';
export { scriptedRng } from './scripted-rng.js';
export { type TorchGenerator, torchGenerator } from './torch-random.js';
export {
  ddpmCifar10Golden,
  timestepEmbeddingGolden,
  type Unet2dGolden,
  unet2dGoldens,
} from './unet2d-golden.js';
