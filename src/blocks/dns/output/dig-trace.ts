/**
 * What dig +trace prints: of each server that was asked for the name itself the records that it gave, and where they came from.
 *
 *     test.   300 IN NS ns1.test.
 *     ;; Received 74 bytes from 192.0.2.1#53(ns.root) in 12 ms
 */
import type { Exchange } from '../client/exchange.js';
import type { Trace } from '../trace/steps.js';
import { digRecord } from './dig-record.js';
import type { DigStyle } from './dig-style.js';

export function digTrace(trace: Trace, roots: Exchange | undefined, style: DigStyle): string[] {
  const lines = roots === undefined ? [] : block(roots, roots.server.host, style);
  for (const step of trace.steps) {
    if (step.kind !== 'query' || step.depth > 0) continue;
    const { place, server, outcome } = step;
    if (outcome.kind === 'unanswered') lines.push(`;; ${outcome.error.message}`, '');
    else lines.push(...block(outcome.exchange, server?.toString().slice(0, -1) ?? place.address, style));
  }
  return lines;
}

function block({ response, octets, address, server, elapsedMs }: Exchange, name: string, style: DigStyle): string[] {
  const records = [...response.answers, ...response.authorities].map((record) => digRecord(record, style));
  const received = `${octets} bytes from ${address}#${server.port}(${name}) in ${Math.floor(elapsedMs)} ms`;
  return [...records, `;; Received ${received}`, ''];
}
