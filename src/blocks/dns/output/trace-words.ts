/** What the steps of a trace are called, for people. */
import type { Name } from '../name.js';
import { printRdata } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import type { Verdict } from '../trace/judge.js';
import type { NamedServer, Place } from '../trace/servers.js';
import type { QueryStep, TraceEnd, ZoneStep } from '../trace/steps.js';
import { RRType, rcodeName, typeName } from '../wire.js';
import { extendedErrors, sayName } from './outcome.js';

/** Of a list, how many are named. */
const NAMED = 4;
/** Where all name servers listen, which therefore is not said. */
const USUAL_PORT = 53;

function sayPlace({ address, port }: Place): string {
  if (port === USUAL_PORT) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `ns1.test 127.0.0.3` */
export function sayServer(server: Name | undefined, place: Place): string {
  return server === undefined ? sayPlace(place) : `${sayName(server)} ${sayPlace(place)}`;
}

/** `3 servers, as ns1.test says` */
export function sayZoneReason({ servers, why }: ZoneStep, told: QueryStep | undefined): string {
  const count = `${servers.length} server${servers.length === 1 ? '' : 's'}`;
  if (why === 'hints' || told === undefined) return `${count}, by the hints`;
  const who = told.server === undefined ? sayPlace(told.place) : sayName(told.server);
  return why === 'referral' ? `${count}, as ${who} says` : `${count}, as ${who} has said in query ${told.number}`;
}

/** What came of a query, without its time. */
export function sayOutcome({ outcome }: QueryStep): string {
  if (outcome.kind === 'unanswered') return outcome.error.message;
  const errors = extendedErrors(outcome.exchange.response).map((error) => `the server says: ${error}`);
  const again = outcome.again.map((why) => AGAIN[why] ?? why);
  return [sayVerdict(outcome.verdict), ...errors, ...again].join('; ');
}

const AGAIN: Readonly<Record<string, string>> = {
  truncated: 'over TCP, for it did not fit',
  without_edns: 'without EDNS, which it does not know',
  edns_version: 'with its own version of EDNS',
  cookie: 'with its cookie',
};

function sayVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'answer': {
      const { length } = verdict.records;
      return `${sayAliases(verdict.aliases)}answers with authority: ${length} record${length === 1 ? '' : 's'}`;
    }
    case 'alias':
      return `${sayAliases(verdict.aliases)}says no more of it`;
    case 'nodata':
      return `${sayAliases(verdict.aliases)}NODATA: ${sayName(verdict.name)} has no such record`;
    case 'nxdomain':
      return `${sayAliases(verdict.aliases)}NXDOMAIN: ${sayName(verdict.name)} does not exist`;
    case 'referral': {
      const servers = verdict.servers.map(sayReferred);
      const outside = verdict.outside.map(sayName).join(', ');
      const ignored = outside === '' ? '' : `; the addresses it gives for ${outside} are not its to give`;
      return `refers to ${sayName(verdict.zone)}: ${listed(servers)}${ignored}`;
    }
    case 'lame':
      return `lame: ${verdict.why}`;
  }
}

function sayReferred({ name, places }: NamedServer): string {
  const text = name === undefined ? '' : sayName(name);
  return places.length === 0 ? `${text} (no glue)` : text;
}

function sayAliases(aliases: readonly ResourceRecord[]): string {
  return aliases
    .filter(({ type }) => type === RRType.CNAME)
    .map(({ name, rdata, type }) => `${sayName(name)} is an alias of ${printRdata(type, rdata).slice(0, -1)}; `)
    .join('');
}

function listed(texts: readonly string[]): string {
  return texts.length <= NAMED ? texts.join(', ') : `${texts.slice(0, NAMED).join(', ')} … (${texts.length})`;
}

/** Undefined for an answer, which speaks for itself. */
export function sayEnd(end: TraceEnd, type: number): string | undefined {
  switch (end.kind) {
    case 'answer':
      return undefined;
    case 'nodata':
      return `NODATA: ${sayName(end.name)} has no ${typeName(type)} record`;
    case 'nxdomain':
      return `NXDOMAIN: ${sayName(end.name)} does not exist`;
    case 'failed':
      return end.why;
  }
}

/** `answer`, `referral`, `lame` …; without an answer `timeout`, `unreachable` …, as the error's code has it. */
export function resultOf({ outcome }: QueryStep): string {
  return outcome.kind === 'answered' ? outcome.verdict.kind : outcome.error.code.replace(/^dns\./, '');
}

/** Empty without an answer. */
export function rcodeOf({ outcome }: QueryStep): string {
  return outcome.kind === 'answered' ? rcodeName(outcome.exchange.response.rcode) : '';
}
