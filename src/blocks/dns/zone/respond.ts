/** Whole authoritative responses, EDNS aside. */
import { type RRset, recordsOf } from '../record.js';
import { type Message, responseTo } from '../wire/message.js';
import { Rcode } from '../wire/mnemonics.js';
import { type LookupOptions, type LookupResult, lookup } from './lookup.js';
import type { ZoneSet } from './zone-data.js';

/** REFUSED where the name is in no zone here, FORMERR without exactly one question (RFC 9619). */
export function respond(zones: ZoneSet, query: Message, options: LookupOptions = {}): Message {
  const [question] = query.questions;
  if (question === undefined || query.questions.length > 1) return responseTo(query, { rcode: Rcode.FORMERR });
  const result = lookup(zones, question, options);
  return result === undefined ? responseTo(query, { rcode: Rcode.REFUSED }) : responseOf(query, result);
}

/** What was looked up, as the response to its query. */
export function responseOf(query: Message, result: LookupResult): Message {
  const { rcode, authoritative, answers, authorities, additionals } = result;
  return responseTo(query, {
    rcode,
    authoritative,
    answers: recordsIn(answers),
    authorities: recordsIn(authorities),
    additionals: recordsIn(additionals),
  });
}

function recordsIn(sets: readonly RRset[]) {
  return sets.flatMap(recordsOf);
}
