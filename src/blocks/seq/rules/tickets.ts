/** What holds for named sequences wherever they live: names, counts, kinds, and what is said when it does not hold. */
import { seqErrors } from '../errors.js';
import type { TicketKey, TicketSummary } from '../sequencer.js';

export type TicketKind = TicketSummary['kind'];

/** Most numbers in one take. */
export const MAX_COUNT = 2n ** 53n;
const MAX_NAME_BYTES = 512;

export interface SequenceRow {
  readonly kind: TicketKind;
  readonly last: bigint;
}

/** Refuses a sequence of the other kind. */
export function checkKind(row: SequenceRow | undefined, name: string, kind: TicketKind): SequenceRow | undefined {
  if (row === undefined || row.kind === kind) return row;
  const hint = kind === 'gapless' ? `ds seq ticket '${name}'` : `ds seq ticket '${name}' --gapless`;
  throw seqErrors.error('seq.ticket_kind', `sequence ${name} is of the ${row.kind} kind, not ${kind}`, {
    hint,
    details: { name, kind: row.kind },
  });
}

export function checkName(name: string): void {
  const bytes = Buffer.from(name);
  // A lone surrogate would be stored as U+FFFD, and different names would become one.
  const isText = bytes.toString() === name;
  if (bytes.length > 0 && bytes.length <= MAX_NAME_BYTES && isText) return;
  const problem = bytes.length === 0 ? 'is empty' : isText ? `has ${bytes.length} bytes` : 'is not valid Unicode';
  throw seqErrors.error('seq.bad_ticket_name', `the name of the sequence ${problem}`, {
    hint: `a name is 1 to ${MAX_NAME_BYTES} bytes of UTF-8: ds seq ticket orders`,
    details: { bytes: bytes.length },
  });
}

export function checkCount(count: bigint): void {
  if (count >= 1n && count <= MAX_COUNT) return;
  throw seqErrors.error('seq.bad_ticket_count', `${count} numbers cannot be taken at once, only 1 to ${MAX_COUNT}`, {
    hint: '-n 1',
    details: { count: count.toString() },
  });
}

/** `last` is the highest number given out. */
export function ticketExhausted(name: string, last: bigint, count: bigint) {
  const message = `sequence ${name} stands at ${last}; ${count} more would pass 2^63 - 1`;
  return seqErrors.error('seq.ticket_exhausted', message, {
    hint: 'go on under a new name',
    details: { name, last: last.toString() },
  });
}

export function ticketLost({ name, number, token }: TicketKey, reason: string) {
  return seqErrors.error('seq.ticket_lost', `number ${number} of ${name} is not yours: ${reason}`, {
    hint: `see who holds what: ds seq holes '${name}'`,
    details: { name, number: number.toString(), token: token.toString() },
  });
}
