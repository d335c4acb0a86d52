import { createRegistry, parameterizations } from '@tweedie/core';
import { datasets } from '@tweedie/data';
import { losses } from '@tweedie/losses';
import { networks } from '@tweedie/networks';
import { schedules } from '@tweedie/schedules';
import { noiseData } from './noise-data.mjs';

const registry = createRegistry({ datasets, losses, networks, parameterizations, schedules });
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

/** The data that a workload names, or else noise. */
export function createData({ data }, { network }) {
  return data === undefined ? noiseData(network) : create('datasets', data);
}
