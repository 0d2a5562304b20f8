/** What `ds dns trace` and `ds dns query +trace` take; loaded when one of them runs. */
import type { DsError } from '../../platform/errors.js';
import { dnsErrors } from './errors.js';
import type { Trace } from './trace/steps.js';

export { rootsFor, traceName } from './client/trace.js';
export { traceLookup } from './client/trace-lookup.js';
export { digTrace } from './output/dig-trace.js';
export { isMet, readFailOn } from './output/fail-on.js';
export { sayName } from './output/outcome.js';
export { shortLines } from './output/short.js';
export { traceAnswers, traceEnd, traceJson, traceRows } from './output/trace-json.js';
export { sayMs, traceTree } from './output/trace-tree.js';
export { sayEnd, sayServer } from './output/trace-words.js';

export { readTypedName } from './typed-name.js';
export { parseType, RRClass, RRType } from './wire.js';

/** The error of a trace that led to nothing: `dns.no_authority`. Undefined for all others, negative ends included. */
export function traceFailure({ question, end, queries }: Trace): DsError | undefined {
  if (end.kind !== 'failed') return undefined;
  return dnsErrors.error('dns.no_authority', end.why, {
    details: { name: question.name.toString(), queries },
  });
}
