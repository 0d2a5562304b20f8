/** The hypotheses: each family of limits, in the variants that servers are known to have. */
import { BucketModel } from './bucket.js';
import type { Model, Parameters } from './model.js';
import { SlidingCounterModel, SlidingLogModel } from './sliding.js';
import { AnchoredWindowModel, FixedWindowModel } from './windows.js';

/** Limits that refuse by what has passed, and that nothing but the passing of time undoes. */
export const rateFamilies = ['bucket', 'fixed-window', 'anchored-window', 'sliding-counter', 'sliding-log'] as const;
export type RateFamily = (typeof rateFamilies)[number];

export interface Variant {
  readonly name: string;
  readonly family: RateFamily;
  /** Whether a phase is to be searched for. */
  readonly hasPhase: boolean;
  /** Whether a refused request prolongs the refusal. */
  readonly countsRefused: boolean;
  model(parameters: Parameters): Model;
}

const sliding = (countsRefused: boolean, anchored: boolean, roundsDown: boolean): Variant => ({
  name: ['sliding-counter', countsRefused && 'counts-refused', anchored && 'anchored', roundsDown && 'rounds-down']
    .filter((part) => part !== false)
    .join(' '),
  family: 'sliding-counter',
  hasPhase: !anchored,
  countsRefused,
  model: (parameters) => new SlidingCounterModel(parameters, { countsRefused, anchored, roundsDown }),
});

export const variants: readonly Variant[] = [
  {
    name: 'bucket',
    family: 'bucket',
    hasPhase: false,
    countsRefused: false,
    model: (parameters) => new BucketModel(parameters),
  },
  {
    name: 'fixed-window',
    family: 'fixed-window',
    hasPhase: true,
    countsRefused: false,
    model: (parameters) => new FixedWindowModel(parameters),
  },
  ...[false, true].map(
    (extended): Variant => ({
      name: extended ? 'anchored-window counts-refused' : 'anchored-window',
      family: 'anchored-window',
      hasPhase: false,
      countsRefused: extended,
      model: (parameters) => new AnchoredWindowModel(parameters, extended),
    }),
  ),
  ...[false, true].map(
    (countsRefused): Variant => ({
      name: countsRefused ? 'sliding-log counts-refused' : 'sliding-log',
      family: 'sliding-log',
      hasPhase: false,
      countsRefused,
      model: (parameters) => new SlidingLogModel(parameters, countsRefused),
    }),
  ),
  ...[false, true].flatMap((countsRefused) =>
    [false, true].flatMap((anchored) =>
      [false, true].map((roundsDown) => sliding(countsRefused, anchored, roundsDown)),
    ),
  ),
];
