/** What a response means, in words: the one line that a person wants first. */
import { formatDuration } from '../../../platform/units.js';
import { readExtendedError } from '../edns-options.js';
import { Name } from '../name.js';
import type { Question, ResourceRecord } from '../record.js';
import { readSoa, soaMinimum } from '../soa.js';
import { EdnsOptionCode, type Message, Rcode, RRType, rcodeName, typeName } from '../wire.js';

type OutcomeKind =
  | 'answer'
  /** The name exists, the type does not (RFC 2308, section 2.2). */
  | 'nodata'
  | 'nxdomain'
  /** Others are to be asked (RFC 1034, section 4.3.1). */
  | 'referral'
  | 'servfail'
  | 'refused'
  /** Any other rcode. */
  | 'failure';

export interface Outcome {
  readonly kind: OutcomeKind;
  /** For people: `NXDOMAIN: nosuch.shop.test does not exist`. For an answer undefined, unless there is more to say. */
  readonly text: string | undefined;
  /** Why it can be believed, for how long. */
  readonly detail?: string;
}

export function outcomeOf(response: Message): Outcome {
  const kind = kindOf(response);
  const errors = extendedErrors(response);
  const text = sayKind(kind, response);
  const all = [...(text === undefined ? [] : [text]), ...errors.map((error) => `the server says: ${error}`)];
  const detail = kind === 'nxdomain' || kind === 'nodata' ? negativeDetail(response) : undefined;
  return {
    kind,
    text: all.length === 0 ? undefined : all.join('; '),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** Both in one line. */
export function sayOutcome({ text, detail }: Outcome): string | undefined {
  return text === undefined || detail === undefined ? text : `${text} (${detail})`;
}

function kindOf(response: Message): OutcomeKind {
  switch (response.rcode) {
    case Rcode.NOERROR:
      return isAnswered(response) ? 'answer' : isReferral(response) ? 'referral' : 'nodata';
    case Rcode.NXDOMAIN:
      return 'nxdomain';
    case Rcode.SERVFAIL:
      return 'servfail';
    case Rcode.REFUSED:
      return 'refused';
    default:
      return 'failure';
  }
}

/** A chain of aliases alone is no answer to a question for another type. */
function isAnswered({ questions: [question], answers, truncated }: Message): boolean {
  if (question === undefined || truncated) return true;
  return answers.some(({ type, name }) => {
    if (type === question.type || question.type === RRType.ANY) return true;
    return isTransfer(question) && name.equals(question.name);
  });
}

function isTransfer({ type }: Question): boolean {
  return type === RRType.AXFR || type === RRType.IXFR;
}

function isReferral({ authorities, authoritative }: Message): boolean {
  if (authoritative || authorities.some(({ type }) => type === RRType.SOA)) return false;
  return authorities.some(({ type }) => type === RRType.NS);
}

function sayKind(kind: OutcomeKind, response: Message): string | undefined {
  const [question] = response.questions;
  const name = question === undefined ? 'the name' : sayName(endOfChain(question, response.answers));
  const alias = question !== undefined && isAlias(question, response.answers);
  const subject = alias ? `${sayName(question.name)} is an alias of ${name}, which` : name;
  switch (kind) {
    case 'answer':
      return response.truncated ? 'TRUNCATED: the answer is not whole' : undefined;
    case 'nodata':
      return `NODATA: ${subject} has no ${question === undefined ? '' : typeName(question.type)} record`;
    case 'nxdomain':
      return `NXDOMAIN: ${subject} does not exist`;
    case 'referral':
      return `REFERRAL: ${subject} is answered by ${serversIn(response)}`;
    case 'servfail':
      return `SERVFAIL: the server failed to answer for ${subject}`;
    case 'refused':
      return `REFUSED: the server does not answer for ${subject}, or not for you`;
    case 'failure':
      return `${rcodeName(response.rcode)}: the server answers nothing for ${subject}`;
  }
}

/** The SOA record says which zone denies the name, and for how long that may be kept (RFC 2308, section 5). */
function negativeDetail({ authorities }: Message): string | undefined {
  const soa = authorities.find(({ type, rdata }) => type === RRType.SOA && rdata.length > 0);
  if (soa === undefined) return undefined;
  const ttl = formatDuration(Math.min(soa.ttl, soaMinimum(soa.rdata)) * 1000);
  return `zone ${sayName(soa.name)}, serial ${readSoa(soa.rdata).serial}, kept for ${ttl}`;
}

function serversIn({ authorities }: Message): string {
  const servers = authorities.filter(({ type, rdata }) => type === RRType.NS && rdata.length > 0);
  const names = servers.slice(0, 4).map(({ rdata }) => sayName(Name.fromValidWire(rdata)));
  const zone = servers[0] === undefined ? '' : ` (zone ${sayName(servers[0].name)})`;
  return `${names.join(', ')}${servers.length > names.length ? ' …' : ''}${zone}`;
}

function isAlias(question: Question, answers: readonly ResourceRecord[]): boolean {
  return !endOfChain(question, answers).equals(question.name);
}

/** Where the CNAME records lead; as many steps as there are records, so that a loop ends. */
function endOfChain({ name, type }: Question, answers: readonly ResourceRecord[]): Name {
  let at = name;
  if (type === RRType.CNAME || type === RRType.ANY) return at;
  for (const _ of answers) {
    const alias = answers.find(
      (record) => record.type === RRType.CNAME && record.rdata.length > 0 && record.name.equals(at),
    );
    if (alias === undefined) break;
    at = Name.fromValidWire(alias.rdata);
  }
  return at;
}

/** Without the dot at the end, as people write names. */
export function sayName(name: Name): string {
  return name.isRoot ? 'the root' : name.toString().slice(0, -1);
}

/** `Stale Answer (served for 30 s)`. The text is from outside. */
export function extendedErrors({ edns }: Message): string[] {
  return (edns?.options ?? [])
    .filter(({ code }) => code === EdnsOptionCode.EXTENDED_ERROR)
    .flatMap(({ data }) => {
      const error = readExtendedError(data);
      if (error === undefined) return [];
      const name = error.name ?? `extended error ${error.code}`;
      return [error.text === '' ? name : `${name} (${error.text})`];
    });
}
