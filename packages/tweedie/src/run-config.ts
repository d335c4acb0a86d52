import {
  type Dataset,
  integer,
  type JsonObject,
  type Level,
  type Loss,
  type Model,
  type Optimizer,
  optionsConfig,
  type PluginChoice,
  parseOption,
  resolveOptions,
  type Sampler,
  setOption,
  TweedieError,
} from '@tweedie/core';
import { checkDataFits, trainingOptions } from '@tweedie/training';
import type { TweedieRegistry } from './registry.js';
import {
  checkRunConfig,
  type RunConfig,
  runParts,
  type SamplingChoice,
} from './run-config-form.js';

const samplingOptions = {
  batchSize: integer({ default: 64, min: 1, doc: 'items that are sampled together' }),
};

/** The live parts of a run. */
export interface Run {
  readonly config: RunConfig;
  readonly model: Model;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly data: Dataset;
}

/**
 * Settings that may change while a run goes on, for `openRunFolder` and `loadRun`: they do not change
 * what the weights mean.
 */
export const changeableSettings = ['training.steps', 'sampling', 'plugins'] as const;

type Part = (typeof runParts)[number];
type Kind = Part | 'sampler' | 'grid';

/** The options of a choice that an earlier version may have stored. */
function upgraded(registry: TweedieRegistry, kind: Kind, { name, options }: PluginChoice) {
  return registry.factory(kind, name).upgrade?.(options) ?? options;
}

/**
 * Fills in every default, so that a stored configuration does not change its meaning when a
 * default does. Options that an earlier version stored become those of today.
 *
 * @throws TweedieError INVALID_VALUE when it has not the form of a configuration; UNKNOWN_NAME,
 * INVALID_OPTION
 */
export function resolveConfig(
  config: RunConfig | JsonObject,
  registry: TweedieRegistry,
): RunConfig {
  checkRunConfig(config);
  const resolve = (kind: Kind, choice: PluginChoice): PluginChoice => {
    const { options } = registry.factory(kind, choice.name);
    const stored = upgraded(registry, kind, choice);
    return {
      name: choice.name,
      options: optionsConfig(`tweedie ${kind} ${choice.name}`, options, stored, registry.plugins),
    };
  };
  const { sampler, grid, ...rest } = config.sampling;
  const { batchSize } = resolveOptions('tweedie sampling', samplingOptions, rest);
  return {
    recipe: config.recipe,
    data: resolve('data', config.data),
    network: resolve('network', config.network),
    schedule: resolve('schedule', config.schedule),
    parameterization: resolve('parameterization', config.parameterization),
    loss: resolve('loss', config.loss),
    optimizer: resolve('optimizer', config.optimizer),
    training: optionsConfig('training options', trainingOptions, config.training),
    sampling: { sampler: resolve('sampler', sampler), grid: resolve('grid', grid), batchSize },
    ...(config.plugins && { plugins: config.plugins }),
  };
}

/**
 * The model of a configuration, without its data: what sampling needs.
 *
 * @throws TweedieError UNKNOWN_NAME; INVALID_OPTION, also when the network has parameters for another
 * number of noise levels than the schedule has
 */
export function createModel(config: RunConfig, registry: TweedieRegistry): Model {
  const model = {
    network: registry.create('network', config.network.name, config.network.options),
    parameterization: registry.create(
      'parameterization',
      config.parameterization.name,
      config.parameterization.options,
    ),
    schedule: registry.create('schedule', config.schedule.name, config.schedule.options),
  };
  const { network, schedule } = model;
  const steps = schedule.time.kind === 'discrete' ? schedule.time.steps : undefined;
  if (network.noiseLevels !== undefined && network.noiseLevels !== steps) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'tweedie',
      given: `network ${network.name} has parameters for ${network.noiseLevels} noise levels and schedule ${schedule.name} ${steps === undefined ? 'is continuous' : `has ${steps}`}`,
      allowed: 'a discrete schedule of as many steps',
      fix: `set network.levels and schedule.steps alike`,
    });
  }
  return model;
}

/**
 * Makes the live parts of a configuration.
 *
 * @throws TweedieError UNKNOWN_NAME, INVALID_OPTION, MISSING_DATA; INVALID_SHAPE and INVALID_VALUE when
 * the network's items or classes are not the data's
 */
export function createRun(config: RunConfig, registry: TweedieRegistry): Run {
  const model = createModel(config, registry);
  const data = registry.create('data', config.data.name, config.data.options);
  checkDataFits(model, data);
  const loss = registry.create('loss', config.loss.name, config.loss.options);
  const optimizer = registry.create('optimizer', config.optimizer.name, config.optimizer.options);
  return { config, model, loss, optimizer, data };
}

/** The sampler and the grid of levels that a configuration names. */
export function createSampling(
  choice: Pick<SamplingChoice, 'sampler' | 'grid'>,
  model: Model,
  registry: TweedieRegistry,
): { readonly sampler: Sampler; readonly grid: readonly Level[] } {
  return {
    sampler: registry.create('sampler', choice.sampler.name, choice.sampler.options),
    grid: registry.create('grid', choice.grid.name, choice.grid.options).levels(model.schedule),
  };
}

/**
 * Sets one option by its path, from text: 'network.dropout' to '0.1', 'training.steps' to '500',
 * 'sampling.sampler.eta' to '1'. The path of a plug-in alone ('schedule' to 'cosine') changes the
 * plug-in and gives it its defaults; so does that of an option that names something ('loss.weighting'
 * to 'minSnr'), whose own options come after it ('loss.weighting.gamma' to '3').
 *
 * @throws TweedieError INVALID_OPTION, UNKNOWN_NAME
 */
export function overrideConfig(
  config: RunConfig,
  registry: TweedieRegistry,
  path: string,
  text: string,
): RunConfig {
  const [first = '', ...rest] = path.split('.');
  if (first === 'training') {
    const training = setOption(
      {
        owner: 'tweedie training',
        specs: trainingOptions,
        options: config.training,
        shown: 'training.',
      },
      rest,
      text,
    );
    return { ...config, training };
  }
  if (first === 'sampling') {
    const [part, ...option] = rest;
    if (part === 'batchSize' && option.length === 0) {
      const batchSize = parseOption('tweedie', path, samplingOptions.batchSize, text) as number;
      return { ...config, sampling: { ...config.sampling, batchSize } };
    }
    if (part === 'sampler' || part === 'grid') {
      const choice = config.sampling[part];
      const changed = overridePlugin(registry, part, choice, `sampling.${part}`, option, text);
      return { ...config, sampling: { ...config.sampling, [part]: changed } };
    }
  }
  if ((runParts as readonly string[]).includes(first)) {
    const part = first as Part;
    const changed = overridePlugin(registry, part, config[part], part, rest, text);
    return { ...config, [part]: changed };
  }
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'tweedie',
    given: `there is no setting '${path}'`,
    allowed: `PART, or PART.OPTION, where PART is ${[...runParts, 'training', 'sampling.sampler', 'sampling.grid', 'sampling.batchSize'].join(', ')}`,
  });
}

function overridePlugin(
  registry: TweedieRegistry,
  kind: Kind,
  choice: PluginChoice,
  shown: string,
  option: readonly string[],
  text: string,
): PluginChoice {
  if (option.length === 0) {
    registry.factory(kind, text);
    return text === choice.name ? choice : { name: text, options: {} };
  }
  const options = setOption(
    {
      owner: `tweedie ${kind} ${choice.name}`,
      specs: registry.factory(kind, choice.name).options,
      options: upgraded(registry, kind, choice),
      shown: `${shown}.`,
      plugins: registry.plugins,
    },
    option,
    text,
  );
  return { name: choice.name, options };
}
