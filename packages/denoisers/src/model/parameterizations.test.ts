import { parameterizations } from '@tweedie/core';
import { testParameterization } from '@tweedie/testing';

// Core cannot use the kits itself: they are made of it.
for (const factory of parameterizations) testParameterization(factory.id, () => factory());
