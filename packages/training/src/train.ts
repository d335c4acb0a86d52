import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import {
  type Backend,
  createRng,
  type Dataset,
  type HostParams,
  type JsonObject,
  type Loss,
  type Model,
  type Optimizer,
  type Options,
  type OptionsInput,
  type Rng,
  resolveOptions,
  TweedieError,
} from '@tweedie/core';
import { checkDataFits } from './check-data-fits.js';
import { createDeviceState } from './device-state.js';
import { learningRateAt } from './learning-rate.js';
import { adamw } from './optimizers/index.js';
import { createRunLength } from './run-length.js';
import { createStepRunner, type StepMetrics, type StepRun } from './step-runner.js';
import { createStepSource } from './step-source.js';
import { createTrainedLayout, type TrainedParams } from './trained-layout.js';
import { checkTrainingMemory } from './training-memory.js';
import { trainingOptions } from './training-options.js';
import type { TrainingState } from './training-state.js';
import { createTrainingStep } from './training-step.js';
import {
  checkFiniteVectors,
  freshVectors,
  resumedVectors,
  snapshotParts,
} from './training-vectors.js';

export interface TrainingRequest {
  readonly model: Model;
  readonly loss: Loss;
  readonly data: Dataset;
  readonly backend: Backend;
  readonly options?: OptionsInput<typeof trainingOptions> | JsonObject;
  /** Default: AdamW with its defaults. */
  readonly optimizer?: Optimizer | undefined;
  /** What snapshots say is being trained; default: the names and options of the parts. */
  readonly config?: JsonObject | undefined;
  /** A snapshot to go on from; the result is bit for bit that of a run that was not interrupted. */
  readonly initial?: TrainingState | undefined;
  /** Stops after the step that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** What one step reports; a type and no interface, so that it passes as a JSON object. */
export type TrainingRecord = {
  /** Number of the update, 1 … steps. */
  readonly step: number;
  /** Mean over the batch, at the parameters before the update. */
  readonly loss: number;
  /** Euclidean norm of the gradient of all that is trained, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly itemsPerSecond: number;
};

/**
 * A training run. Iterating runs its steps; after an abort, a `break` or an error it holds the state
 * after the last good step, and iterating again goes on from there.
 */
export interface Training extends AsyncIterable<TrainingRecord> {
  /** Updates done. */
  readonly step: number;
  readonly options: Options<typeof trainingOptions>;
  /**
   * All of its state in plain memory, to be taken between steps.
   *
   * @throws TweedieError NOT_FINITE when a parameter has overflowed
   */
  snapshot(): Promise<TrainingState>;
  /** The network's weights alone, as they are trained or averaged: what a preview needs. */
  weights(kind: 'raw' | 'ema'): Promise<HostParams>;
  /** Frees the tensors and the compiled step. */
  dispose(): Promise<void>;
}

/**
 * Prepares a training run; nothing is computed before it is iterated. All randomness of a step is a
 * function of (seed, step), so a resumed run draws what the uninterrupted one would have drawn.
 *
 * An iteration throws NOT_FINITE when the loss, the gradient or the data hold NaN or an infinity,
 * INVALID_SHAPE when the data's batches do not fit, and what the data and the loss throw.
 *
 * @throws TweedieError INVALID_OPTION; INVALID_SHAPE when the network does not fit the data, or
 * network and loss not the snapshot; INVALID_VALUE when the classes of network and data do not fit, the
 * memory that it would take is beyond any machine, or the snapshot is of another seed or optimizer
 * @example
 * const training = train({ model, loss, data, backend, options: { steps: 2000 } });
 * for await (const { step, loss } of training) console.error(step, loss);
 * const { ema } = await training.snapshot();
 * await training.dispose();
 */
export function train(request: TrainingRequest): Training {
  const { model, loss, data, backend, signal, initial } = request;
  const options = resolveOptions('training', trainingOptions, request.options);
  const optimizer = request.optimizer ?? adamw();
  checkDataFits(model, data);
  checkTrainingMemory({ model, data, optimizer, options });
  const rng = createRng(options.seed);
  if (initial !== undefined) checkSeed(initial, rng, options.seed);

  const start = initialParams(model, loss, rng);
  const layout = createTrainedLayout(start);
  const state = createDeviceState(
    initial === undefined
      ? freshVectors(layout, start, optimizer)
      : resumedVectors(layout, initial, optimizer),
    initial?.step ?? 0,
  );
  const source = createStepSource({ model, loss, data, optimizer, options, rng });
  const averages = options.emaDecay > 0;
  const { clipNorm } = options;
  const runner = createStepRunner({
    backend,
    step: createTrainingStep({ model, loss, optimizer, layout, clipNorm, averages }),
    decayMask: layout.decayMask(),
  });
  const runLength = createRunLength(options.stepsPerRun, runner.runsSeveral);
  let running = false;

  /** Computes `count` steps from `first` on, or that one alone where not all of them can be drawn. */
  const compute = async (first: number, count: number): Promise<StepRun> => {
    if (getBackend() !== backend.tensorBackend) await setBackend(backend.tensorBackend);
    const tensors = state.tensors();
    const drawn = source.take(first, count);
    const inputs = drawn.length === count ? drawn : drawn.slice(0, 1);
    const computing = runner.run(tensors, inputs);
    // This processor draws the next steps while the backend's threads compute these.
    const next = first + inputs.length;
    source.prefetch(next, Math.min(inputs.length, options.steps + 1 - next));
    return computing;
  };

  /** Takes the state to the step that was reported last, where more are computed. */
  const rewind = () => state.rewind((step) => compute(step, 1));

  const computeNext = async (): Promise<void> => {
    const startedAt = performance.now();
    const run = await compute(state.step + 1, runLength.next(options.steps - state.step));
    // Browsers round their clocks, so that a short step may seem to take no time.
    const seconds = Math.max(performance.now() - startedAt, 1e-3) / 1000 / run.metrics.length;
    runLength.measured(run.metrics.length, seconds);
    state.computed(run, seconds);
  };

  const advance = async (): Promise<TrainingRecord> => {
    if (state.next === undefined) await computeNext();
    const { metrics, seconds } = state.next!;
    const step = state.step + 1;
    if (!Number.isFinite(metrics.loss) || !Number.isFinite(metrics.gradientNorm)) {
      await rewind();
      throw divergedError(step, metrics, options);
    }
    state.report();
    const learningRate = learningRateAt(step, options);
    return { step, ...metrics, learningRate, itemsPerSecond: options.batchSize / seconds };
  };

  return {
    options,
    get step() {
      return state.step;
    },
    async *[Symbol.asyncIterator]() {
      if (running) throw runningError();
      running = true;
      try {
        while (state.step < options.steps && signal?.aborted !== true) yield await advance();
      } finally {
        running = false;
      }
    },
    async snapshot() {
      await rewind();
      const vectors = await state.vectors();
      checkFiniteVectors(vectors, state.step);
      return {
        step: state.step,
        rng: rng.state(),
        config: request.config ?? describeTraining(request, optimizer, options),
        ...snapshotParts(layout, vectors),
      };
    },
    async weights(kind) {
      await rewind();
      return layout.unpackHost(await state.vector(kind === 'raw' ? 'params' : 'ema')).network;
    },
    async dispose() {
      state.dispose();
      source.clear();
      await runner.dispose();
    },
  };
}

/** What a run begins with: a function of its seed. */
function initialParams(model: Model, loss: Loss, rng: Rng): TrainedParams {
  const network = model.network.init(rng.fork('parameters'));
  const own = loss.init?.(model, rng.fork('loss')) ?? {};
  return Object.keys(own).length === 0 ? { network } : { network, own };
}

/** The parts by name and options: enough to make them again. */
function describeTraining(
  { model, loss, data }: TrainingRequest,
  optimizer: Optimizer,
  options: JsonObject,
): JsonObject {
  const describe = (part: { readonly name: string; readonly config: JsonObject }) => ({
    name: part.name,
    options: part.config,
  });
  return {
    data: describe(data),
    network: describe(model.network),
    schedule: describe(model.schedule),
    parameterization: describe(model.parameterization),
    loss: describe(loss),
    optimizer: describe(optimizer),
    training: options,
  };
}

function checkSeed({ rng }: TrainingState, expected: Rng, seed: number): void {
  if (JSON.stringify(rng) === JSON.stringify(expected.state())) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'training',
    given: `the snapshot was made with another seed than ${seed}`,
    allowed: 'the seed of the run that it goes on from',
  });
}

function divergedError(
  step: number,
  { loss, gradientNorm }: StepMetrics,
  { learningRate, clipNorm }: Options<typeof trainingOptions>,
): TweedieError {
  const clipping = clipNorm === null ? ', set clipNorm (1 is usual)' : '';
  return new TweedieError({
    code: 'NOT_FINITE',
    package: 'training',
    given: `at step ${step} the loss is ${loss} and the norm of its gradient ${gradientNorm}`,
    allowed: 'finite numbers',
    fix: `lower learningRate (${learningRate})${clipping} or raise warmupSteps; the state is that of step ${step - 1}`,
  });
}

function runningError(): TweedieError {
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'training',
    given: 'the training run is already being iterated',
    allowed: 'one iteration after another',
  });
}
