import { describeStoredLimits } from '../e2e/limit-stored.js';

describeStoredLimits('redis');
