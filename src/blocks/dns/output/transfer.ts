/** Zone transfers as dig prints them: records as they come, and what it was at the end. */

import type { NameServer } from '../client/server-address.js';
import type { TransferMessage } from '../client/transfer.js';
import type { ResourceRecord } from '../record.js';
import { RRType } from '../wire.js';
import { digTransferStats } from './dig-message.js';
import { digRecord } from './dig-record.js';
import type { DigStyle } from './dig-style.js';

/** A message, and from whom. */
export type TransferPart = TransferMessage & { readonly server: NameServer };

/** Counts what has come of one transfer. */
export class TransferTally {
  messages = 0;
  records = 0;
  octets = 0;
  last: TransferPart | undefined;

  /** `begun` by the clock that never steps, milliseconds. */
  constructor(readonly begun: number) {}

  /** The records of the next message that are to be shown: with `oneSoa` without the SOA record that ends it. */
  take(part: TransferPart, oneSoa: boolean): readonly ResourceRecord[] {
    const isFirst = this.records === 0;
    const { answers } = part.message;
    this.last = part;
    this.messages++;
    this.records += answers.length;
    this.octets += part.octets;
    if (!oneSoa) return answers;
    return answers.filter(({ type }, index) => type !== RRType.SOA || (isFirst && index === 0));
  }
}

export function digTransferLines(records: readonly ResourceRecord[], style: DigStyle): string[] {
  return records.map((record) => digRecord(record, style));
}

/** `at` by the wall clock, `now` by the clock of `begun`. */
export function digTransferEnd(tally: TransferTally, at: number, now: number, micros: boolean): string[] {
  const { begun, octets, records, messages, last } = tally;
  if (last === undefined) return [];
  const { host, port, transport } = last.server;
  const report = {
    server: host,
    address: last.address,
    port,
    transport: transport === 'tls' ? 'TLS' : 'TCP',
    elapsedMs: now - begun,
    at,
    octets,
  };
  return digTransferStats(report, micros, records, messages);
}
