/**
 * POST /v1/check, for programs that ask over HTTP:
 *
 *     {"key": "alice", "rate": "5/min"}                                   as ds limit check alice --rate 5/min
 *     {"key": "alice", "limits": [{"name": "burst", "rate": "5/s"}, {"name": "day", "rate": "1000/d", "cost": 3}]}
 *     {"request": {"method": "POST", "path": "/login", "host": "shop.test", "client": "203.0.113.7", "headers": {}}}
 *                                                                         the policies of the daemon
 *     each with "peek": true to count nothing, and "cost" for what one limit without a cost of its own takes
 *
 *     200, or 429   {"allowed": true, "delay_ms": 250, "decisions": [{"scope": "", "key": "alice", "limit": 5, …}]}
 *
 * POST /v1/refund gives back: {"key", "scope", "rate", …, "cost", "lease"}; the limit may be left out for a scope of the
 * policies. Delays are told, not waited for.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerRecord, answersOf } from '../answer.js';
import { limitErrors } from '../errors.js';
import type { Limit } from '../limit.js';
import type { Demand, Outcome } from '../limiter.js';
import { demandsOf, type PolicyRequest } from '../policy/index.js';
import { readLimit } from '../typed-limit.js';
import { retryAfterUs } from '../waiting.js';
import type { LimitEngine } from './engine.js';
import { delayOf, fieldsOf, problemOf } from './gate.js';
import { JsonObject } from './json-object.js';
import { PROBLEM_TYPE } from './problem.js';

const CHECK_KEYS = ['key', 'rate', 'burst', 'algorithm', 'limits', 'request', 'cost', 'peek'];
const REFUND_KEYS = ['key', 'scope', 'rate', 'burst', 'algorithm', 'cost', 'lease'];
const LIMIT_KEYS = ['name', 'rate', 'burst', 'algorithm', 'cost'];
const REQUEST_KEYS = ['method', 'path', 'host', 'headers', 'client'];

export function routeCheck(app: FastifyInstance, engine: LimitEngine): void {
  app.post('/v1/check', async (request, reply) => {
    const body = new JsonObject(request.body, 'the body', CHECK_KEYS);
    const demands = readDemands(body, engine);
    const peek = body.flag('peek') ?? false;
    if (demands.length === 0) return reply.send({ allowed: true, decisions: [] });
    return sendOutcome(reply, engine, demands, await (peek ? engine.limiter.peek(demands) : engine.check(demands)));
  });
}

export function routeRefund(app: FastifyInstance, engine: LimitEngine): void {
  app.post('/v1/refund', async (request, reply) => {
    const body = new JsonObject(request.body, 'the body', REFUND_KEYS);
    const scope = body.text('scope') ?? '';
    const known = engine.policies?.limits.get(scope);
    const limit = body.has('rate') || known === undefined ? limitOf(body) : known.limit;
    const lease = body.number('lease');
    const demand = { scope, key: body.needText('key'), limit, cost: body.number('cost') ?? known?.cost ?? 1 };
    const decision = await engine.limiter.refund({ ...demand, ...(lease !== undefined && { lease }) });
    reply.headers(fieldsOf(engine, [demand], { allowed: true, blockedForUs: 0, decisions: [decision] }));
    return reply.send({
      limit: decision.limit,
      remaining: decision.remaining,
      reset_after_ms: decision.resetAfterUs / 1000,
    });
  });
}

function sendOutcome(
  reply: FastifyReply,
  engine: LimitEngine,
  demands: readonly Demand[],
  outcome: Outcome,
): FastifyReply {
  const delayUs = delayOf(demands, outcome);
  const us = retryAfterUs(outcome, demands);
  const answer = {
    allowed: outcome.allowed,
    ...(!outcome.allowed && { retry_after_ms: us === Number.POSITIVE_INFINITY ? null : us / 1000 }),
    ...(outcome.blockedForUs > 0 && { blocked_for_ms: outcome.blockedForUs / 1000 }),
    ...(outcome.allowed && delayUs > 0 && { delay_ms: delayUs / 1000 }),
    decisions: answersOf(outcome, demands).map((one, index) => ({
      scope: demands[index]?.scope,
      key: demands[index]?.key,
      ...answerRecord(one),
      ...(demands[index]?.shadow === true && { shadow: true }),
    })),
  };
  reply.headers(fieldsOf(engine, demands, outcome));
  if (outcome.allowed) return reply.send(answer);
  const problem = JSON.stringify({ ...problemOf(demands, outcome), ...answer });
  return reply.code(429).type(PROBLEM_TYPE).send(problem);
}

function readDemands(body: JsonObject, engine: LimitEngine): Demand[] {
  const cost = body.number('cost');
  const request = body.object('request', REQUEST_KEYS);
  if (request !== undefined) return policyDemands(request, cost, engine);
  const key = body.needText('key');
  const limits = body.objects('limits', LIMIT_KEYS);
  if (limits === undefined) return [{ scope: '', key, limit: limitOf(body), cost: cost ?? 1 }];
  return limits.map((one) => {
    const scope = one.text('name') ?? '';
    if (scope === '' && limits.length > 1) throw bad('each of several limits needs a name');
    return { scope, key, limit: limitOf(one), cost: one.number('cost') ?? cost ?? 1 };
  });
}

function policyDemands(request: JsonObject, cost: number | undefined, { policies }: LimitEngine): Demand[] {
  if (policies === undefined) {
    throw limitErrors.error('limit.no_policy', 'there are no policies to apply', {
      hint: 'ds limit serve --policy FILE',
    });
  }
  const headers = request.texts('headers');
  const facts: PolicyRequest = {
    method: request.text('method') ?? 'GET',
    path: request.text('path') ?? '/',
    host: request.text('host') ?? '',
    header: (name) => headers.get(name),
    client: request.text('client') ?? '',
  };
  const demands = demandsOf(policies, facts);
  return cost === undefined ? demands : demands.map((demand) => ({ ...demand, cost }));
}

/** Errors: as readLimit() of typed-limit.ts. */
const limitOf = (body: JsonObject): Limit =>
  readLimit({ rate: body.needText('rate'), burst: body.number('burst'), algorithm: body.text('algorithm') });

const bad = (message: string) => limitErrors.error('limit.bad_request', message);
