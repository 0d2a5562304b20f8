/** What was looked up, as the sections of a response. */
import { type RRset, recordsOf } from '../record.js';
import type { Message } from '../wire/message.js';
import type { LookupResult } from './lookup.js';

export function sectionsOf({ rcode, authoritative, answers, authorities, additionals }: LookupResult) {
  return {
    rcode,
    authoritative,
    answers: recordsIn(answers),
    authorities: recordsIn(authorities),
    additionals: recordsIn(additionals),
  } satisfies Partial<Message>;
}

function recordsIn(sets: readonly RRset[]) {
  return sets.flatMap(recordsOf);
}
