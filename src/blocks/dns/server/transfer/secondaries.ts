/** All zones that are followed: kept as the file says, which commands change; and who answers NOTIFY. */

import type { NameServer } from '../../client/server-address.js';
import { type ExtendedError, ExtendedErrorCode } from '../../edns-options.js';
import type { Name } from '../../name.js';
import type { Question } from '../../record.js';
import { soaSerial } from '../../soa.js';
import { type Message, Rcode, RRClass, RRType } from '../../wire.js';
import type { Client } from '../client.js';
import type { TransferAnswer } from '../content.js';
import { Gate } from './gate.js';
import { Secondary, type SecondaryParts } from './secondary.js';

/** Zones that are checked, and transferred, at once: as BIND's transfers-in. */
const MOST_CHECKS = 10;

const EXPIRED: ExtendedError = {
  code: ExtendedErrorCode.INVALID_DATA,
  text: 'the copy of this zone has expired: no primary server was reached for too long',
};

export class Secondaries {
  readonly #parts: SecondaryParts;
  readonly #zones = new Map<string, Secondary>();
  /** Those that were told to end and still do. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(parts: Omit<SecondaryParts, 'gate'>) {
    this.#parts = { ...parts, gate: new Gate(MOST_CHECKS) };
  }

  get size(): number {
    return this.#zones.size;
  }

  get expired(): number {
    return [...this.#zones.values()].filter(({ hasExpired }) => hasExpired).length;
  }

  /** Follows what the file says, and nothing else. */
  look(): void {
    if (this.#isClosed) return;
    const rows = this.#parts.secondaries.list();
    const told = new Set(rows.map(({ origin }) => origin.key));
    for (const [key, zone] of this.#zones) if (!told.has(key)) this.#end(key, zone);
    for (const row of rows) {
      const { key } = row.origin;
      const present = this.#zones.get(key);
      if (present?.followedAt === row.followedAt) continue;
      if (present !== undefined) this.#end(key, present);
      try {
        this.#zones.set(key, new Secondary(row, this.#parts));
      } catch (error) {
        this.#parts.logger.error({ err: error, zone: row.origin.toString() }, 'a zone cannot be followed');
      }
    }
  }

  /** Why a zone that is here is not to be answered from now. */
  problemOf(origin: Name): ExtendedError | undefined {
    if (this.#zones.size === 0) return undefined;
    return this.#zones.get(origin.key)?.hasExpired === true ? EXPIRED : undefined;
  }

  /** Whether a zone comes from this server. */
  comesFrom(origin: Name, server: NameServer): boolean {
    return this.#zones.get(origin.key)?.comesFrom(server) ?? false;
  }

  /** See Transfers.notified(). */
  notified(query: Message, client: Client): TransferAnswer {
    const answer = this.#notified(query, client);
    this.#parts.counts.notifies[answer.parts.rcode === Rcode.NOERROR ? 'received' : 'refused']++;
    return answer;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [key, zone] of this.#zones) this.#end(key, zone);
    await Promise.all(this.#ending);
  }

  /** RFC 1996, sections 3.10 and 3.11. */
  #notified(query: Message, client: Client): TransferAnswer {
    const [question] = query.questions;
    if (question === undefined || query.questions.length > 1 || question.type !== RRType.SOA) {
      return { parts: { rcode: Rcode.FORMERR } };
    }
    const zone = question.class === RRClass.IN ? this.#zones.get(question.name.key) : undefined;
    if (zone === undefined) {
      return refuse(Rcode.NOTAUTH, ExtendedErrorCode.NOT_AUTHORITATIVE, 'no zone of this name is followed here');
    }
    if (!zone.isPrimary(client.address)) {
      return refuse(Rcode.REFUSED, ExtendedErrorCode.PROHIBITED, 'only its primary servers are listened to');
    }
    zone.notified(serialIn(query, question));
    return { parts: { rcode: Rcode.NOERROR, authoritative: true } };
  }

  #end(key: string, zone: Secondary): void {
    this.#zones.delete(key);
    const ending = zone.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

function serialIn({ answers }: Message, { name }: Question): number | undefined {
  const soa = answers.find((record) => record.type === RRType.SOA && record.name.equals(name));
  return soa === undefined ? undefined : soaSerial(soa.rdata);
}

function refuse(rcode: number, code: number, text: string): TransferAnswer {
  return { parts: { rcode }, errors: [{ code, text }] };
}
