export { checkDataFits } from './check-data-fits.js';
export { decodeCheckpoint, encodeCheckpoint } from './checkpoint/checkpoint.js';
export { emaDecayAt } from './ema.js';
export { type LearningRateSchedule, learningRateAt } from './learning-rate.js';
export { type SafetensorsLimits, safetensorsLimits } from './limits.js';
export * from './optimizers/index.js';
export { penalizedGradient, weightPenaltyOption } from './optimizers/weight-penalty.js';
export { decodeSafetensors, type SafetensorsContent } from './safetensors/decode.js';
export { encodeSafetensors } from './safetensors/encode.js';
export type { StepInputs } from './step-inputs.js';
export {
  createStepRunner,
  type StepMetrics,
  type StepRun,
  type StepRunner,
} from './step-runner.js';
export { type Training, type TrainingRecord, type TrainingRequest, train } from './train.js';
export { createTrainedLayout, type TrainedLayout, type TrainedParams } from './trained-layout.js';
export {
  activationNumbers,
  checkTrainingMemory,
  type TrainingMemoryRequest,
  trainingMemory,
} from './training-memory.js';
export { trainingOptions } from './training-options.js';
export type { ParameterState, TrainingState } from './training-state.js';
export {
  createTrainingStep,
  type StepResult,
  type StepScalars,
  type TrainingStep,
  type TrainingTensors,
} from './training-step.js';
