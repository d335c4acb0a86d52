import {
  type AnyFactory,
  createRegistry,
  type Dataset,
  type Grid,
  type Loss,
  type Network,
  type Optimizer,
  type Parameterization,
  parameterizations,
  type Registry,
  type Sampler,
  type Schedule,
} from '@tweedie/core';
import { datasets } from '@tweedie/data';
import { losses, type Weighting, weightings } from '@tweedie/losses';
import { networks } from '@tweedie/networks';
import { samplers } from '@tweedie/samplers';
import { grids, schedules } from '@tweedie/schedules';
import { optimizers } from '@tweedie/training';
import { checkPlugin } from './check-plugin.js';

/** Plug-ins of each kind that a registry holds. */
export interface TweedieCatalog extends Record<string, readonly AnyFactory[]> {
  readonly data: readonly AnyFactory<Dataset>[];
  readonly network: readonly AnyFactory<Network>[];
  readonly schedule: readonly AnyFactory<Schedule>[];
  readonly parameterization: readonly AnyFactory<Parameterization>[];
  readonly loss: readonly AnyFactory<Loss>[];
  readonly weighting: readonly AnyFactory<Weighting>[];
  readonly optimizer: readonly AnyFactory<Optimizer>[];
  readonly sampler: readonly AnyFactory<Sampler>[];
  readonly grid: readonly AnyFactory<Grid>[];
}
export type TweedieRegistry = Registry<TweedieCatalog>;

/**
 * The registry of everything that comes with Tweedie, and of what the caller adds; an addition of
 * the same kind and name takes the place of ours. What its factories make is checked against the
 * contract of its kind.
 *
 * @example
 * const registry = createTweedieRegistry({ sampler: [mySampler] });
 */
export function createTweedieRegistry(more: Partial<TweedieCatalog> = {}): TweedieRegistry {
  const builtIn: TweedieCatalog = {
    data: datasets,
    network: networks,
    schedule: schedules,
    parameterization: parameterizations,
    loss: losses,
    weighting: weightings,
    optimizer: optimizers,
    sampler: samplers,
    grid: grids,
  };
  const kinds = Object.keys(builtIn) as (keyof TweedieCatalog & string)[];
  const all = kinds.map((kind) => [kind, [...builtIn[kind]!, ...(more[kind] ?? [])]] as const);
  return createRegistry(Object.fromEntries(all) as unknown as TweedieCatalog, checkPlugin);
}
