/** What `ds log ship` is told by flags, as the plan that ds.yaml would have. */
import { camel } from '../../../platform/config/options.js';
import type { RawPlan } from './raw-plan.js';

type TypedFlags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Flags of the command line as the keys of a plan. */
export function planOfFlags(sources: readonly string[], command: readonly string[], flags: TypedFlags): RawPlan {
  const { to, transform, label, ...rest } = flags;
  const named = Object.entries(rest).map(([name, value]) => [camel(name), value]);
  return {
    ...(Object.fromEntries(named) as RawPlan),
    sources,
    command,
    ...lists({ to, transforms: transform, labels: label }),
  };
}

function lists(values: Readonly<Record<string, unknown>>): RawPlan {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as RawPlan;
}
