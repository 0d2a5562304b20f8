/** Runs and their output over HTTP. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseInstant } from '../../../platform/units.js';
import type { RunFilter } from '../book.js';
import { cronErrors } from '../errors.js';
import type { Ledger } from '../ledger.js';
import { runStates, triggers } from '../run.js';
import { attemptJson, chunkJson, MOST_RUNS, runJson } from '../wire/json.js';

/** Runs of one answer, unless told; at most {@link MOST_RUNS}. */
const DEFAULT_LIMIT = 100;

export function routeRuns(app: FastifyInstance, ledger: Ledger): void {
  app.get('/v1/runs', async (request) => ({ runs: (await ledger.runs(filterOf(request, ledger.now()))).map(runJson) }));
  app.get('/v1/runs/:id', async (request) => runJson(await ledger.run(idOf(request))));
  app.get('/v1/runs/:id/attempts', async (request) => ({
    attempts: (await ledger.attempts(idOf(request))).map(attemptJson),
  }));
  app.post('/v1/runs/:id/cancel', async (request) => runJson(await ledger.cancel(idOf(request))));
  app.get('/v1/runs/:id/output', async (request) => {
    const { after: given = '0', ...unknown } = queryOf(request);
    refuseUnknown(unknown, 'after');
    const after = readWhole(given, 'after', 0);
    return { chunks: (await ledger.output(idOf(request), after)).map(chunkJson) };
  });
}

function queryOf({ query }: FastifyRequest): Readonly<Record<string, string | undefined>> {
  const pairs = typeof query === 'object' && query !== null ? Object.entries(query) : [];
  return Object.fromEntries(
    pairs.map(([name, value]) => {
      // A name that comes twice is a list.
      if (typeof value === 'string') return [name, value];
      throw cronErrors.error('cron.bad_filter', `${name} is given more than once`, { details: { parameter: name } });
    }),
  );
}

function idOf({ params }: FastifyRequest): number {
  const id = typeof params === 'object' && params !== null && 'id' in params ? params.id : undefined;
  return readWhole(String(id), 'the number of a run', 0);
}

function filterOf(request: FastifyRequest, now: number): RunFilter {
  const { job, state, trigger, since, until, before, limit, ...unknown } = queryOf(request);
  refuseUnknown(unknown, 'job, state, trigger, since, until, before, limit');
  const most = limit === undefined ? DEFAULT_LIMIT : readWhole(limit, 'limit', 1);
  return {
    limit: Math.min(most, MOST_RUNS),
    ...(job === undefined ? {} : { job }),
    ...(state === undefined ? {} : { states: state.split(',').map((word) => wordOf(runStates, word, 'state')) }),
    ...(trigger === undefined ? {} : { triggers: trigger.split(',').map((word) => wordOf(triggers, word, 'trigger')) }),
    ...(since === undefined ? {} : { since: readTime(since, 'since', now) }),
    ...(until === undefined ? {} : { until: readTime(until, 'until', now) }),
    ...(before === undefined ? {} : { before: readWhole(before, 'before', 0) }),
  };
}

function refuseUnknown(unknown: Readonly<Record<string, unknown>>, known: string): void {
  const [name] = Object.keys(unknown);
  if (name === undefined) return;
  throw cronErrors.error('cron.bad_filter', `there is no parameter ${JSON.stringify(name)}`, {
    hint: `known are: ${known}`,
  });
}

function wordOf<Word extends string>(words: readonly Word[], given: string, what: string): Word {
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw cronErrors.error('cron.bad_filter', `${what} is ${JSON.stringify(given)}, not one of ${words.join(', ')}`);
}

function readTime(given: string, what: string, now: number): number {
  const instant = parseInstant(given, now);
  if (instant !== undefined) return instant;
  throw cronErrors.error('cron.bad_filter', `${what} is ${JSON.stringify(given)}, not a time`, {
    hint: `${what}=2026-01-31T12:00:00Z`,
  });
}

function readWhole(given: string, what: string, least: number): number {
  const number = /^-?\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= least) return number;
  throw cronErrors.error('cron.bad_filter', `${what} is ${JSON.stringify(given)}, not a whole number from ${least}`);
}
