import { getBackend, type Scalar, scalar, setBackend, type Tensor1D } from '@tensorflow/tfjs-core';
import { createParameterLayout, disposeTree, toTensor, toTensors } from '@tweedie/autodiff';
import {
  type Backend,
  type Batch,
  createRng,
  type Dataset,
  type Draws,
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
import { checkBatch } from './check-batch.js';
import { decayMask } from './decay-mask.js';
import { emaDecayAt } from './ema.js';
import { learningRateAt } from './learning-rate.js';
import { adamw } from './optimizers/index.js';
import {
  type SeveralSteps,
  type StepFindings,
  type StepInputs,
  severalSteps,
  stepsThatFit,
} from './several-steps.js';
import { trainingOptions } from './training-options.js';
import type { TrainingState } from './training-state.js';
import { createTrainingStep, type StepScalars, type TrainingTensors } from './training-step.js';
import {
  checkFiniteVectors,
  freshVectors,
  readVector,
  resumedVectors,
  type TrainingVectors,
  tensorsToVectors,
  vectorsToTensors,
  vectorToTensor,
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
  /** Euclidean norm of the gradient of all parameters, before clipping. */
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
  /** The weights alone, as they are trained or averaged: what a preview needs. */
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
 * @throws TweedieError INVALID_OPTION; INVALID_SHAPE when the network does not fit the data or the
 * snapshot; INVALID_VALUE when the snapshot is of another seed or optimizer
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
  checkItemShapes(model, data);
  const rng = createRng(options.seed);
  if (initial !== undefined) checkSeed(initial, rng, options.seed);
  const dataRng = rng.fork('data');
  const drawRng = rng.fork('draws');
  const batchShape = [options.batchSize, ...model.network.itemShape];
  const initialParams = model.network.init(rng.fork('parameters'));
  const layout = createParameterLayout(initialParams);

  let done = initial?.step ?? 0;
  // The state is in plain memory until the first step and on the backend from then on.
  let waiting: TrainingVectors | undefined =
    initial === undefined
      ? freshVectors(layout, initialParams, optimizer)
      : resumedVectors(layout, initial, optimizer);
  let tensors: TrainingTensors | undefined;
  let mask: Tensor1D | undefined;
  let ahead: readonly DrawnStep[] = [];
  let running = false;
  const trainingStep = createTrainingStep({
    model,
    loss,
    optimizer,
    layout,
    clipNorm: options.clipNorm,
    averages: options.emaDecay > 0,
  });
  const compiled = backend.compile(trainingStep);
  let several: SeveralSteps | undefined;
  /** Steps that are computed and not all reported yet; `tensors` is the state before the first. */
  let computed: ComputedSteps | undefined;
  let singleSteps = 0;
  let secondsOfOne = Number.POSITIVE_INFINITY;

  const begin = (): TrainingTensors => {
    if (waiting === undefined) throw disposedError();
    const begun = vectorsToTensors(waiting);
    waiting = undefined;
    return begun;
  };

  const draw = (step: number): DrawnStep => {
    const batch = data.batch(dataRng, step - 1, options.batchSize);
    checkBatch(batch, batchShape, `the batch of step ${step} from data '${data.name}'`);
    return { step, batch, draws: loss.draw(model, batch, drawRng.fork(step - 1)) };
  };
  /**
   * As many of the next steps as can be drawn: one that cannot is drawn again when it comes, and
   * throws then.
   */
  const drawAhead = (first: number, count: number): readonly DrawnStep[] => {
    const drawn: DrawnStep[] = [];
    try {
      while (drawn.length < count) drawn.push(draw(first + drawn.length));
    } catch {}
    return drawn;
  };

  const inputsOf = ({ step, batch, draws }: DrawnStep): StepInputs => ({
    batch,
    draws,
    scalars: {
      emaRate: 1 - emaDecayAt(step, options.emaDecay),
      optimizer: optimizer.scalars(step, learningRateAt(step, options)),
    },
  });

  const prepare = async (): Promise<{ state: TrainingTensors; decay: Tensor1D }> => {
    if (getBackend() !== backend.tensorBackend) await setBackend(backend.tensorBackend);
    tensors ??= begin();
    mask ??= vectorToTensor(decayMask(layout));
    return { state: tensors, decay: mask };
  };

  /** @returns the state after the step and what it found; the state before it stays as it is */
  const computeOne = async (step: number, next: number) => {
    const drawn = ahead[0]?.step === step ? ahead[0] : draw(step);
    const { state, decay } = await prepare();
    const inputs = inputTensors(inputsOf(drawn));
    const computing = compiled(state, inputs.batch, inputs.draws, inputs.scalars, decay);
    // This processor draws the next step while the backend's threads compute this one.
    ahead = drawAhead(step + 1, next);
    const result = await computing.finally(() => disposeTree(inputs));
    return {
      state: result.state,
      findings: { loss: await take(result.loss), gradientNorm: await take(result.gradientNorm) },
    };
  };

  /** How many steps to compute at once from here on. */
  const runLength = (): number => {
    const count = options.stepsPerRun ?? stepsThatFit(secondsOfOne);
    return backend.capabilities.scan === undefined || done + count > options.steps ? 1 : count;
  };

  /** @returns false when they cannot all be drawn */
  const computeSeveral = async (count: number): Promise<boolean> => {
    const startedAt = performance.now();
    const first = done + 1;
    const known = ahead[0]?.step === first ? ahead.slice(0, count) : [];
    const drawn = [...known, ...drawAhead(first + known.length, count - known.length)];
    if (drawn.length < count) return false;
    const { state, decay } = await prepare();
    several ??= severalSteps(backend, trainingStep, decay);
    const computing = several!.run(state, drawn.map(inputsOf));
    ahead = drawAhead(first + count, Math.min(count, options.steps - done - count));
    const { state: after, findings } = await computing;
    computed = { before: done, after, findings, seconds: secondsSince(startedAt) / count };
    return true;
  };

  /** Takes the state to the step that was reported last, when more are computed. */
  const settle = async (): Promise<void> => {
    if (computed === undefined) return;
    const { before, after } = computed;
    computed = undefined;
    disposeTree(after);
    for (let step = before + 1; step <= done; step++) {
      const { state } = await computeOne(step, 0);
      disposeTree(tensors);
      tensors = state;
    }
  };

  const report = async (
    findings: StepFindings,
    seconds: number,
    reached: TrainingTensors | undefined,
  ): Promise<TrainingRecord> => {
    const step = done + 1;
    const { loss: lossValue, gradientNorm } = findings;
    if (!Number.isFinite(lossValue) || !Number.isFinite(gradientNorm)) {
      disposeTree(reached);
      await settle();
      throw divergedError(step, lossValue, gradientNorm, options);
    }
    if (reached !== undefined) {
      disposeTree(tensors);
      tensors = reached;
    }
    done = step;
    const learningRate = learningRateAt(step, options);
    return { step, ...findings, learningRate, itemsPerSecond: options.batchSize / seconds };
  };

  const advance = async (): Promise<TrainingRecord> => {
    if (computed === undefined) {
      const count = runLength();
      if (count === 1 || !(await computeSeveral(count))) {
        const startedAt = performance.now();
        const { state, findings } = await computeOne(done + 1, done + 1 < options.steps ? 1 : 0);
        const seconds = secondsSince(startedAt);
        // The first step is traced and built, and the second may still find its way.
        if (++singleSteps > 2) secondsOfOne = Math.min(secondsOfOne, seconds);
        return report(findings, seconds, state);
      }
    }
    const { before, after, findings, seconds } = computed!;
    const isLast = done + 1 === before + findings.length;
    const record = await report(findings[done - before]!, seconds, undefined);
    if (isLast) {
      disposeTree(tensors);
      tensors = after;
      computed = undefined;
    }
    return record;
  };

  return {
    options,
    get step() {
      return done;
    },
    async *[Symbol.asyncIterator]() {
      if (running) throw runningError();
      running = true;
      try {
        while (done < options.steps && signal?.aborted !== true) yield await advance();
      } finally {
        running = false;
      }
    },
    async snapshot() {
      await settle();
      const vectors = tensors === undefined ? waiting : await tensorsToVectors(tensors);
      if (vectors === undefined) throw disposedError();
      checkFiniteVectors(vectors, done);
      const slots = Object.entries(vectors.slots);
      return {
        step: done,
        rng: rng.state(),
        config: request.config ?? describeTraining(request, optimizer, options),
        params: layout.unpackHost(vectors.params),
        ema: layout.unpackHost(vectors.ema),
        slots: Object.fromEntries(slots.map(([name, slot]) => [name, layout.unpackHost(slot)])),
      };
    },
    async weights(kind) {
      await settle();
      const key = kind === 'raw' ? 'params' : 'ema';
      const vector = tensors === undefined ? waiting?.[key] : await readVector(tensors[key]);
      if (vector === undefined) throw disposedError();
      return layout.unpackHost(vector);
    },
    async dispose() {
      waiting = undefined;
      disposeTree([tensors, mask, computed?.after]);
      tensors = undefined;
      mask = undefined;
      computed = undefined;
      await Promise.all([compiled.dispose(), several?.dispose()]);
    },
  };
}

/** What a step takes from the host: a function of (seed, step). */
interface DrawnStep {
  readonly step: number;
  readonly batch: Batch;
  readonly draws: Draws;
}

/** Steps that one run has computed. */
interface ComputedSteps {
  /** Steps done before them. */
  readonly before: number;
  /** The state after the last. */
  readonly after: TrainingTensors;
  readonly findings: readonly StepFindings[];
  /** What one of them took. */
  readonly seconds: number;
}

/** Browsers round their clocks, so that a short step may seem to take no time. */
const secondsSince = (startedAt: number) => Math.max(performance.now() - startedAt, 1e-3) / 1000;

/** Reads a scalar and disposes of it. */
async function take(source: Scalar): Promise<number> {
  const [value] = await source.data();
  source.dispose();
  return value!;
}

function inputTensors({ batch, draws, scalars }: StepInputs) {
  const optimizer = Object.entries(scalars.optimizer).map(([name, value]) => [name, scalar(value)]);
  return {
    batch: {
      x: toTensor(batch.x),
      label: batch.label === undefined ? undefined : (toTensor(batch.label) as Tensor1D),
    },
    draws: toTensors(draws),
    scalars: {
      emaRate: scalar(scalars.emaRate),
      optimizer: Object.fromEntries(optimizer) as StepScalars['optimizer'],
    },
  };
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

function checkItemShapes({ network }: Model, data: Dataset): void {
  if (network.itemShape.join() === data.itemShape.join()) return;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'training',
    given: `network '${network.name}' takes items of shape [${network.itemShape.join(', ')}] and data '${data.name}' has [${data.itemShape.join(', ')}]`,
    allowed: 'a network whose items have the shape of the data',
  });
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
  loss: number,
  gradientNorm: number,
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

function disposedError(): TweedieError {
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'training',
    given: 'the training run was disposed',
    fix: 'take its snapshot before it is disposed',
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
