import { testDataset } from '@tweedie/testing';
import { datasets } from './index.js';

for (const factory of datasets) testDataset(factory.id, () => factory());
