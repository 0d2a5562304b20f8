import { describeStoredSequences } from '../e2e/seq-stored.js';

describeStoredSequences('redis');
