import type { Random } from '../../../platform/clock.js';
import type { Layout } from '../layout/layout.js';
import { ByteMaker } from './byte-maker.js';
import { IntegerMaker } from './integer-maker.js';
import type { IdMaker } from './maker.js';

export type { IdMaker } from './maker.js';

export function makerFor(layout: Layout, random: Random): IdMaker {
  return layout.family === 'integer' ? new IntegerMaker(layout) : new ByteMaker(layout, random);
}
