import { testBetaSchedule } from './beta-schedule.testing.js';
import { laplace } from './laplace.js';
import { testDiffusersTables } from './reference-tables.testing.js';

testBetaSchedule('laplace', laplace);
testDiffusersTables('laplace', laplace);
