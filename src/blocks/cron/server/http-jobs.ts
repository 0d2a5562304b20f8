/** Jobs over HTTP. What is sent is the compact form of spec.ts, as in YAML; what comes back is that of wire/json.ts. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { present } from '../../../platform/present.js';
import { parseInstant } from '../../../platform/units.js';
import type { PauseOptions } from '../book.js';
import { cronErrors } from '../errors.js';
import type { Ledger } from '../ledger.js';
import { readJobSpec } from '../spec.js';
import { jobJson, runJson, statusJson } from '../wire/json.js';

/** A job of which nobody says where it is. */
const DEFAULTS = { timeZone: 'UTC' };

export function routeJobs(app: FastifyInstance, ledger: Ledger): void {
  app.get('/v1/status', async () => statusJson(await ledger.status()));
  app.get('/v1/jobs', async () => ({ jobs: (await ledger.list()).map(jobJson) }));
  app.get('/v1/jobs/:name', async (request) => jobJson(await ledger.get(nameOf(request))));
  app.post('/v1/jobs', async (request, reply) => {
    const spec = readJobSpec(request.body, 'the body', DEFAULTS);
    void reply.code(201);
    return jobJson(await ledger.put(spec, { create: true }));
  });
  app.put('/v1/jobs/:name', async (request) => {
    const name = nameOf(request);
    const body = objectOf(request.body);
    if (body['name'] !== undefined && body['name'] !== name) throw otherName(body['name'], name);
    return jobJson(await ledger.put(readJobSpec({ ...body, name }, 'the body', DEFAULTS)));
  });
  app.delete('/v1/jobs/:name', async (request, reply) => {
    await ledger.delete(nameOf(request));
    return reply.code(204).send();
  });
  app.post('/v1/jobs/:name/pause', async (request) =>
    jobJson(await ledger.pause(nameOf(request), pauseOf(request.body, ledger.now()))),
  );
  app.post('/v1/jobs/:name/resume', async (request) => jobJson(await ledger.resume(nameOf(request))));
  app.post('/v1/jobs/:name/run', async (request, reply) => {
    void reply.code(202);
    return runJson(await ledger.trigger(nameOf(request)));
  });
  app.post('/v1/apply', async (request, reply) => {
    const { put, remove } = objectOf(request.body, ['put', 'remove']);
    const specs = listOf(put, 'put').map((raw, index) => readJobSpec(raw, `put[${index}]`, DEFAULTS));
    await ledger.apply({ put: specs, remove: listOf(remove, 'remove').map((name) => textOf(name, 'remove')) });
    return reply.code(204).send();
  });
}

function otherName(given: unknown, name: string) {
  const shown = JSON.stringify(given).slice(0, 130);
  return cronErrors.error('cron.bad_job', `the body has the name ${shown}, the path ${JSON.stringify(name)}`, {
    hint: 'leave the name out of the body; a job keeps the name that it has',
  });
}

function nameOf(request: FastifyRequest): string {
  return textOf(objectOf(request.params)['name'], 'the name');
}

/** With `known`: other keys are refused. */
function objectOf(value: unknown, known?: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw cronErrors.error('cron.bad_job', 'the body is no JSON object');
  }
  const unknown = known === undefined ? undefined : Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return { ...value };
  throw cronErrors.error('cron.bad_job', `the body has a key ${JSON.stringify(unknown.slice(0, 64))}`, {
    hint: `known are: ${known?.join(', ')}`,
  });
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw cronErrors.error('cron.bad_job', `${what} is no list`);
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw cronErrors.error('cron.bad_job', `${what} is ${JSON.stringify(value)}, not a text`);
}

function instantOf(text: string, what: string, now: number): number {
  const instant = parseInstant(text, now);
  if (instant !== undefined) return instant;
  throw cronErrors.error('cron.bad_job', `${what} is ${JSON.stringify(text)}, not a time`, {
    hint: `"${what}": "2026-01-31T12:00:00Z", or "+2h"`,
  });
}

function pauseOf(body: unknown, now: number): PauseOptions {
  if (body === undefined || body === null) return {};
  const { reason, until } = objectOf(body, ['reason', 'until']);
  return present({
    reason: reason === undefined ? undefined : textOf(reason, 'reason'),
    until: until === undefined ? undefined : instantOf(textOf(until, 'until'), 'until', now),
  });
}
