/** Which times entries have: what people are told before anything is shipped. */
import { readSpec } from '../transform/spec.js';
import type { ShipPlan } from './plan.js';
import { saysTime } from './sources.js';

/** When the entry was read, what a step finds in its line, what Docker or a sender of syslog says, or now this and now that. */
export type Times = 'reading' | 'lines' | 'senders' | 'mixed';

/** Of these plans; undefined where they read nothing: dead letters keep the times that they have. */
export function timesOf(plans: readonly ShipPlan[]): Times | undefined {
  const [kind, ...others] = new Set(plans.flatMap(kindsOf));
  return others.length === 0 ? kind : 'mixed';
}

function kindsOf({ transforms, sources, command }: ShipPlan): Times[] {
  const kinds = sources.map((source): Times => (saysTime(source) ? 'senders' : 'reading'));
  if (command.length > 0) kinds.push('reading');
  return transforms.some((step) => readSpec(step).kind === 'timestamp') ? kinds.map(() => 'lines') : kinds;
}
