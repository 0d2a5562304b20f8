/** A trace as a document, and as fields for a pipe. */
import type { ResourceRecord } from '../record.js';
import type { NamedServer } from '../trace/servers.js';
import type { QueryStep, Trace, TraceStep, ZoneStep } from '../trace/steps.js';
import { typeName } from '../wire.js';
import type { JsonObject } from './json.js';
import { extendedErrors } from './outcome.js';
import { type RecordRow, recordRow } from './rows.js';
import { rcodeOf, resultOf, sayEnd, sayOutcome } from './trace-words.js';

/** The aliases that lead to the answer, and the answer. */
export function traceEnd({ aliases, end }: Trace): { readonly answers: readonly ResourceRecord[] } {
  return { answers: end.kind === 'answer' ? [...aliases, ...end.records] : aliases };
}

export function traceAnswers(trace: Trace): RecordRow[] {
  return traceEnd(trace).answers.map(recordRow);
}

export function traceJson(trace: Trace): JsonObject {
  const { question, end, steps, queries, elapsedMs } = trace;
  const message = sayEnd(end, question.type);
  return {
    name: question.name.toString(),
    type: typeName(question.type),
    outcome: end.kind,
    ...(message === undefined ? {} : { message }),
    answers: traceAnswers(trace),
    queries,
    elapsed_ms: Number(elapsedMs.toFixed(3)),
    steps: steps.map(stepJson),
  };
}

function stepJson(step: TraceStep): JsonObject {
  const { kind, depth } = step;
  switch (step.kind) {
    case 'lookup': {
      const { name, type } = step.question;
      return { step: kind, depth, name: name.toString(), type: typeName(type), why: step.why };
    }
    case 'zone':
      return zoneJson(step);
    case 'query':
      return { step: kind, depth, ...queryJson(step) };
    case 'skipped':
      return { step: kind, depth, server: step.server.toString(), message: step.why };
  }
}

function zoneJson({ kind, depth, zone, why, told, servers }: ZoneStep): JsonObject {
  return {
    ...{ step: kind, depth, zone: zone.toString(), why },
    ...(told === undefined ? {} : { told_by_query: told }),
    servers: servers.map(serverJson),
  };
}

function serverJson({ name, places }: NamedServer): JsonObject {
  return {
    ...(name === undefined ? {} : { name: name.toString() }),
    addresses: places.map(({ address }) => address),
  };
}

function queryJson(step: QueryStep): JsonObject {
  const { number, question, zone, server, place, elapsedMs, outcome } = step;
  return {
    number,
    name: question.name.toString(),
    type: typeName(question.type),
    zone: zone.toString(),
    ...(server === undefined ? {} : { server: server.toString() }),
    address: place.address,
    port: place.port,
    query_time_ms: Number(elapsedMs.toFixed(3)),
    result: resultOf(step),
    message: sayOutcome(step),
    ...(outcome.kind === 'unanswered' ? { error: outcome.error.code } : answeredJson(outcome)),
  };
}

function answeredJson({ exchange, again, verdict }: Extract<QueryStep['outcome'], { kind: 'answered' }>): JsonObject {
  const errors = extendedErrors(exchange.response);
  return {
    rcode: exchange.response.rcode,
    authoritative: exchange.response.authoritative,
    transport: exchange.transport,
    ...(again.length === 0 ? {} : { again }),
    ...(errors.length === 0 ? {} : { extended_errors: errors }),
    ...(verdict.kind === 'referral'
      ? {
          refers_to: verdict.zone.toString(),
          servers: verdict.servers.map(serverJson),
          ...(verdict.outside.length === 0 ? {} : { disbelieved: verdict.outside.map(String) }),
        }
      : {}),
  };
}

export interface TraceRow {
  readonly number: number;
  readonly depth: number;
  readonly zone: string;
  /** Empty where only its address is known. */
  readonly server: string;
  readonly address: string;
  readonly name: string;
  readonly type: string;
  readonly ms: string;
  /** Empty where no answer came. */
  readonly rcode: string;
  readonly authoritative: string;
  readonly result: string;
  readonly message: string;
}

/** The queries, one a row. */
export function traceRows({ steps }: Trace): TraceRow[] {
  const queries = steps.filter((step): step is QueryStep => step.kind === 'query');
  return queries.map((step) => ({
    number: step.number,
    depth: step.depth,
    zone: step.zone.toString(),
    server: step.server?.toString() ?? '',
    address: step.place.address,
    name: step.question.name.toString(),
    type: typeName(step.question.type),
    ms: step.elapsedMs.toFixed(3),
    rcode: rcodeOf(step),
    authoritative: step.outcome.kind === 'answered' && step.outcome.exchange.response.authoritative ? 'aa' : '',
    result: resultOf(step),
    message: sayOutcome(step),
  }));
}
