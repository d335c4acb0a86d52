import { choice, integer, number, type OptionSpecs } from '@tweedie/core';

/** The options of a training run. */
export const trainingOptions = {
  steps: integer({
    default: 1000,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    doc: 'updates of the parameters in all',
  }),
  batchSize: integer({ default: 64, min: 1, doc: 'items a step' }),
  stepsPerRun: integer({
    default: null,
    min: 1,
    max: 4096,
    doc: 'updates in one run of a backend that compiles; null takes what lasts some 50 ms; the result is the same',
  }),
  learningRate: number({ default: 1e-3, above: 0, doc: 'the largest learning rate' }),
  warmupSteps: integer({
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    doc: 'steps over which the learning rate rises linearly',
  }),
  decay: choice(['none', 'cosine'], {
    default: 'none',
    doc: 'how the learning rate falls after the warm-up',
  }),
  finalFraction: number({
    default: 0,
    min: 0,
    max: 1,
    doc: 'the fraction of the learning rate at which cosine decay ends',
  }),
  clipNorm: number({
    default: null,
    above: 0,
    doc: 'largest Euclidean norm of the gradient of all parameters; null does not clip',
  }),
  emaDecay: number({
    default: 0.999,
    min: 0,
    below: 1,
    doc: "decay of the parameters' moving average, reached after a warm-up",
  }),
  seed: integer({
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    doc: 'seed of the initial parameters, the order of the data and all that is drawn',
  }),
} satisfies OptionSpecs;
