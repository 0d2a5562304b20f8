/**
 * What of an upstream's response is given to clients and kept, and for how long. Everything else in it is dropped:
 *
 *     answers      the chain of aliases from the question's name, and what was asked for at its end (chain.ts)
 *     authority    negative: the SOA of the zone that the chain ends in (RFC 2308); with DO the proofs (NSEC, NSEC3) that
 *                  belong to the zones which take part. NS records say nothing that was asked for
 *     additional   addresses of the servers that the answer names, if they lie within the name asked for. An address of
 *                  somebody else's server is not this answer's to tell (RFC 2181, section 5.4.1; RFC 5452, section 6)
 */
import type { Name } from '../name.js';
import { nameAt } from '../rdata/index.js';
import type { Question, ResourceRecord } from '../record.js';
import { readSoa } from '../soa.js';
import { type Message, Rcode, RRType, rcodeName } from '../wire.js';
import { type Chain, coveredType, followChain, signerOf } from './chain.js';
import type { EntryKind } from './entry.js';
import { cappedTtl, type LifetimeLimits, negativeTtl } from './lifetime.js';
import { uniform } from './uniform.js';

export interface AcceptedResponse {
  readonly kind: EntryKind;
  readonly rcode: number;
  /** TTLs are capped, and one in each RRset. */
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /** For how long it may be kept, seconds. 0: it is for those who asked by now only. */
  readonly ttl: number;
  /** The question's name and where aliases led. Of an NXDOMAIN the last one is what does not exist (RFC 6604, RFC 8020). */
  readonly names: readonly Name[];
}

/** A text says why the response cannot be used; another upstream may do better. */
export function acceptResponse(
  question: Question,
  response: Message,
  dnssecOk: boolean,
  limits: LifetimeLimits,
): AcceptedResponse | string {
  const { rcode } = response;
  if (!answersQuestion(response, question)) return 'its answer is to another question';
  if (response.truncated) return 'its answer is cut short';
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN && rcode !== Rcode.YXDOMAIN) {
    return `it answered ${rcodeName(rcode)}`;
  }
  const chain = followChain(question, response.answers, dnssecOk);
  if (typeof chain === 'string') return chain;
  if (rcode === Rcode.NXDOMAIN && chain.found) return `it denied ${chain.end} and answered for it`;
  if ((rcode === Rcode.YXDOMAIN) !== chain.tooLong) return 'it misjudged the length of a name';
  if (chain.tooLong) return unkept(chain, Rcode.YXDOMAIN);
  if (chain.found) return positive(question, response, chain, dnssecOk, limits);
  if (isReferral(response)) return 'it referred to other servers: it does not resolve for others';
  return negative(response, chain, dnssecOk, limits);
}

function answersQuestion({ response, questions }: Message, question: Question): boolean {
  const [told] = questions;
  return (
    response &&
    questions.length === 1 &&
    told?.type === question.type &&
    told.class === question.class &&
    told.name.equals(question.name)
  );
}

/** RFC 2308, section 2.2: NODATA may come without SOA, but a referral has NS records and is not authoritative. */
function isReferral({ rcode, answers, authorities, authoritative }: Message): boolean {
  return (
    rcode === Rcode.NOERROR &&
    !authoritative &&
    answers.length === 0 &&
    authorities.some(({ type }) => type === RRType.NS) &&
    !authorities.some(({ type }) => type === RRType.SOA)
  );
}

function unkept({ records, names }: Chain, rcode: number): AcceptedResponse {
  return { kind: 'answer', rcode, answers: records, authorities: [], additionals: [], ttl: 0, names };
}

function positive(
  question: Question,
  response: Message,
  chain: Chain,
  dnssecOk: boolean,
  limits: LifetimeLimits,
): AcceptedResponse {
  const capped = (record: ResourceRecord) => ({ ...record, ttl: cappedTtl(record.ttl, limits) });
  const answers = uniform(chain.records.map(capped));
  const proofs = dnssecOk ? proofsOf(response.authorities, signers(answers), question.class) : [];
  const authorities = uniform(proofs.map(capped));
  const ttl = shortest([...answers, ...authorities]);
  // What is additional does not shorten the life of the answer.
  const additionals = uniform(addressesFor(question, chain, response.additionals, dnssecOk).map(capped)).filter(
    (record) => record.ttl > 0 && record.ttl >= ttl,
  );
  return { kind: 'answer', rcode: Rcode.NOERROR, answers, authorities, additionals, ttl, names: chain.names };
}

function negative(response: Message, chain: Chain, dnssecOk: boolean, limits: LifetimeLimits): AcceptedResponse {
  const { rcode } = response;
  const kind = rcode === Rcode.NXDOMAIN ? 'nxdomain' : 'nodata';
  const answers = uniform(chain.records.map((record) => ({ ...record, ttl: cappedTtl(record.ttl, limits) })));
  const common = { kind, rcode, answers, additionals: [], names: chain.names } as const;
  const soa = response.authorities.find(
    ({ type, name, class: rrClass }) =>
      type === RRType.SOA && rrClass === response.questions[0]?.class && chain.end.isWithin(name),
  );
  // RFC 2308, section 5: without SOA it must not be kept.
  if (soa === undefined) return { ...common, authorities: [], ttl: 0 };
  const most = negativeTtl(soa.ttl, readSoa(soa.rdata).minimum, limits);
  const zones = [soa.name, ...signers(answers)];
  const proofs = dnssecOk ? proofsOf(response.authorities, zones, soa.class) : [];
  const signatures = dnssecOk
    ? response.authorities.filter((record) => coveredType(record) === RRType.SOA && record.name.equals(soa.name))
    : [];
  const authorities = uniform(
    [soa, ...signatures, ...proofs].map((record) => ({ ...record, ttl: Math.min(record.ttl, most) })),
  );
  return { ...common, authorities, ttl: Math.min(most, shortest([...answers, ...authorities])) };
}

/** RFC 4035, section 3.1.3: proofs, with their signatures, of the zones that have a say in the answer. */
function proofsOf(authorities: readonly ResourceRecord[], zones: readonly Name[], rrClass: number): ResourceRecord[] {
  return authorities.filter((record) => {
    const type = coveredType(record) ?? record.type;
    return (
      (type === RRType.NSEC || type === RRType.NSEC3) &&
      record.class === rrClass &&
      zones.some((zone) => record.name.isWithin(zone))
    );
  });
}

/** Zones that signed the records; a signature by somebody who is not above them counts for nothing. */
function signers(records: readonly ResourceRecord[]): Name[] {
  return records
    .filter((record) => record.type === RRType.RRSIG && record.name.isWithin(signerOf(record)))
    .map(signerOf);
}

/** Where the name of a server stands in the data of these types. */
const serverAt: Readonly<Record<number, number>> = {
  [RRType.NS]: 0,
  [RRType.MX]: 2,
  [RRType.SRV]: 6,
  [RRType.SVCB]: 2,
  [RRType.HTTPS]: 2,
};

function addressesFor(
  { type, class: rrClass }: Question,
  { records, end }: Chain,
  additionals: readonly ResourceRecord[],
  dnssecOk: boolean,
): ResourceRecord[] {
  const offset = serverAt[type];
  const bailiwick = withoutService(end);
  if (offset === undefined || bailiwick === undefined || additionals.length === 0) return [];
  const named = records.filter((record) => record.type === type).map(({ rdata }) => nameAt(rdata, offset));
  const wanted = new Set(named.filter((name) => name.isWithin(bailiwick)).map(({ key }) => key));
  return additionals.filter((record) => {
    const address = dnssecOk ? (coveredType(record) ?? record.type) : record.type;
    const isAddress = address === RRType.A || address === RRType.AAAA;
    return isAddress && record.class === rrClass && wanted.has(record.name.key);
  });
}

/** `_http._tcp.shop.test.` → `shop.test.` (RFC 8552); undefined where nothing is left. */
function withoutService(name: Name): Name | undefined {
  const services = name.labels().findIndex((label) => label[0] !== 0x5f);
  if (services === -1) return name.isRoot ? name : undefined;
  return name.parent(services);
}

function shortest(records: readonly ResourceRecord[]): number {
  return records.reduce((least, { ttl }) => Math.min(least, ttl), Number.POSITIVE_INFINITY);
}
