/**
 * What a name server's response means to somebody who follows delegations (RFC 1034, section 5.3.3; RFC 2181, section 5.4.1):
 *
 *     response ── rcode is neither NOERROR nor NXDOMAIN ──────────────▶ lame
 *              ── the type asked for, AA ─────────────────────────────▶ answer
 *              ── CNAME … to a name that the zone says nothing of ────▶ alias, to go on with
 *              ── SOA of the zone, or nothing at all, AA ─────────────▶ nodata, nxdomain
 *              ── NS of a zone nearer to the name ────────────────────▶ referral
 *              ── NS of this zone or of one above ────────────────────▶ lame: leads nowhere nearer
 *              ── anything without AA ────────────────────────────────▶ lame: it is no server of that zone
 *
 * A server is believed about names within the zone that it was asked for, and about nothing else: so are its glue records.
 */
import type { Name } from '../name.js';
import { nameAt } from '../rdata/index.js';
import type { Question, ResourceRecord } from '../record.js';
import { type Message, Rcode, RRClass, RRType, rcodeName } from '../wire.js';
import { type NamedServer, placesOf, serverNames } from './servers.js';

export type Verdict =
  | (Ending & { readonly kind: 'answer'; readonly records: readonly ResourceRecord[] })
  | (Ending & { readonly kind: 'alias'; readonly target: Name })
  | (Ending & { readonly kind: 'nodata' | 'nxdomain'; readonly name: Name })
  | Referral
  | { readonly kind: 'lame'; readonly why: string };

interface Ending {
  /** CNAME and DNAME records that lead from the name that was asked for, in order. */
  readonly aliases: readonly ResourceRecord[];
}

interface Referral {
  readonly kind: 'referral';
  readonly zone: Name;
  readonly servers: readonly NamedServer[];
  /** Servers whose addresses were given and are not believed: they lie outside of the zone that was asked. */
  readonly outside: readonly Name[];
}

export interface Asked {
  readonly question: Question;
  /** Of which the server is said to be one. */
  readonly zone: Name;
  /** Of servers that a referral names. */
  readonly port: number;
}

export function judge(told: Message, asked: Asked): Verdict {
  const response = ofTheInternet(told);
  const { rcode, authoritative } = response;
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) return { kind: 'lame', why: rcodeName(rcode) };
  const { aliases, end, records } = followAliases(response.answers, asked);
  if (records.length === 0 && aliases.length === 0) return judgeNoAnswer(response, asked);
  if (!authoritative) return lame('it answers without authority (no AA)');
  if (records.length > 0) return { kind: 'answer', aliases, records };
  if (soaOf(response, end, asked.zone) === undefined) return { kind: 'alias', aliases, target: end };
  return { kind: rcode === Rcode.NXDOMAIN ? 'nxdomain' : 'nodata', aliases, name: end };
}

/** Records of other classes are none of ours; their data may be anything. */
function ofTheInternet({ answers, authorities, additionals, ...rest }: Message): Message {
  const keep = (records: readonly ResourceRecord[]) => records.filter((record) => record.class === RRClass.IN);
  return { ...rest, answers: keep(answers), authorities: keep(authorities), additionals: keep(additionals) };
}

const lame = (why: string): Verdict => ({ kind: 'lame', why });

interface Chain {
  readonly aliases: readonly ResourceRecord[];
  /** Where they lead. */
  readonly end: Name;
  /** Of the type asked for, at the end. */
  readonly records: readonly ResourceRecord[];
}

/** As far as the zone reaches; at most as many steps as there are records, so that a loop ends. */
function followAliases(answers: readonly ResourceRecord[], { question, zone }: Asked): Chain {
  const { name, type } = question;
  const believed = answers.filter((record) => record.name.isWithin(zone));
  const aliases: ResourceRecord[] = [];
  let end = name;
  for (const _ of ['the name itself', ...answers]) {
    const here = believed.filter((record) => record.name.equals(end));
    const records = here.filter((record) => record.type === type || type === RRType.ANY);
    if (records.length > 0) {
      const signatures = here.filter((record) => record.type === RRType.RRSIG && type !== RRType.ANY);
      return { aliases, end, records: [...new Set([...records, ...signatures])] };
    }
    const alias = here.find((record) => record.type === RRType.CNAME);
    if (alias === undefined) break;
    const dname = believed.find((record) => record.type === RRType.DNAME && isBelow(end, record.name));
    aliases.push(...(dname === undefined ? [alias] : [dname, alias]));
    end = nameAt(alias.rdata, 0);
  }
  return { aliases, end, records: [] };
}

function judgeNoAnswer(response: Message, asked: Asked): Verdict {
  const { rcode, authoritative, authorities } = response;
  const { question, zone } = asked;
  const hasSoa = soaOf(response, question.name, zone) !== undefined;
  if (rcode === Rcode.NXDOMAIN || hasSoa) {
    if (!authoritative) return lame(`it says ${sayNegative(rcode)} without authority (no AA)`);
    return { kind: rcode === Rcode.NXDOMAIN ? 'nxdomain' : 'nodata', aliases: [], name: question.name };
  }
  const cut = authorities.find(({ type }) => type === RRType.NS)?.name;
  if (cut !== undefined && isBelow(cut, zone) && question.name.isWithin(cut)) return readReferral(response, asked, cut);
  if (authoritative) return { kind: 'nodata', aliases: [], name: question.name };
  if (cut === undefined) return lame('it answers nothing, without authority (no AA)');
  if (cut.equals(zone)) return lame(`it refers to the servers of ${zone} itself`);
  return lame(zone.isWithin(cut) ? `it refers upward, to ${cut}` : `it refers to ${cut}, which leads nowhere nearer`);
}

function sayNegative(rcode: number): string {
  return rcode === Rcode.NXDOMAIN ? 'NXDOMAIN' : 'that there is no such data';
}

/** Whether it lies below the other one, and is not the same. */
function isBelow(name: Name, ancestor: Name): boolean {
  return name.isWithin(ancestor) && !name.equals(ancestor);
}

/** The SOA record that makes a negative answer of a response (RFC 2308, section 2). */
function soaOf({ authorities }: Message, name: Name, zone: Name): ResourceRecord | undefined {
  return authorities.find(
    (record) => record.type === RRType.SOA && name.isWithin(record.name) && record.name.isWithin(zone),
  );
}

function readReferral({ authorities, additionals }: Message, { zone, port }: Asked, cut: Name): Referral {
  const records = authorities.filter(({ name }) => name.equals(cut));
  const names = serverNames(records, ({ rdata }) => nameAt(rdata, 0));
  const outside: Name[] = [];
  const servers = names.map((name) => {
    const places = placesOf(name, additionals, port);
    if (places.length === 0 || name.isWithin(zone)) return { name, places };
    outside.push(name);
    return { name, places: [] };
  });
  return { kind: 'referral', zone: cut, servers, outside };
}
