import { createRegistry, parameterizations } from '@tweedie/core';
import { losses } from '@tweedie/losses';
import { networks } from '@tweedie/networks';
import { schedules } from '@tweedie/schedules';

// Without data sets, which read files: our side runs in browsers too.
const registry = createRegistry({ losses, networks, parameterizations, schedules });
const create = (kind, { name, options }) => registry.create(kind, name, options);

/** The model that a workload names. */
export function createModel({ network, parameterization, schedule }) {
  return {
    network: create('networks', network),
    parameterization: create('parameterizations', parameterization),
    schedule: create('schedules', schedule),
  };
}

/** The loss that a workload names. */
export function createLoss({ loss }) {
  return create('losses', loss);
}
