import { testBetaSchedule } from './beta-schedule.testing.js';
import { testDiffusersTables } from './reference-tables.testing.js';
import { sigmoid } from './sigmoid.js';

testBetaSchedule('sigmoid', sigmoid);
testDiffusersTables('sigmoid', sigmoid);
