/**
 * Whether several servers answer alike. Answers that say the same are a group; the largest one, the first of equals, is what
 * the others are compared with:
 *
 *     a  NOERROR  192.0.2.1            group A
 *     b  NOERROR  192.0.2.1  192.0.2.2 group B: + www.shop.test. A 192.0.2.2
 *     c  NOERROR  192.0.2.1            group A
 *     d  no reply                      none; they do not agree
 */
import { outcomeOf } from '../output/outcome.js';
import { canonicalRdata } from '../rdata/canonical.js';
import { printRdata } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { type Message, typeName } from '../wire.js';

export interface AgreementOptions {
  /** Order, TTLs and the case of letters count, too. */
  readonly strict: boolean;
}

interface Group {
  /** `A` for the largest, `B`, …; behind Z `27`, … */
  readonly name: string;
  /** Indices of the answers. */
  readonly members: readonly number[];
  /** Records that the largest group has and this one has not, and the other way round. */
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

export interface Agreement {
  readonly agree: boolean;
  /** The largest first. */
  readonly groups: readonly Group[];
}

/** Undefined stands for a server that did not answer, which agrees with nobody. */
export function agreementOf(responses: readonly (Message | undefined)[], options: AgreementOptions): Agreement {
  const byMeaning = new Map<string, number[]>();
  responses.forEach((response, index) => {
    if (response === undefined) return;
    const meaning = meaningOf(response, options);
    const members = byMeaning.get(meaning);
    if (members === undefined) byMeaning.set(meaning, [index]);
    else members.push(index);
  });
  const sorted = [...byMeaning.values()].sort((a, b) => b.length - a.length);
  const linesOf = (members: readonly number[]) => {
    const response = responses[members[0] ?? -1];
    return response === undefined ? [] : recordsThatCount(response).map((record) => lineOf(record, options));
  };
  const common = linesOf(sorted[0] ?? []);
  const groups = sorted.map((members, index) => {
    const lines = linesOf(members);
    return {
      name: index < 26 ? String.fromCharCode(0x41 + index) : String(index + 1),
      members,
      missing: common.filter((line) => !lines.includes(line)),
      extra: lines.filter((line) => !common.includes(line)),
    };
  });
  return { agree: groups.length === 1 && responses.every((response) => response !== undefined), groups };
}

/** What a referral says stands in the authority section. */
export function recordsThatCount(response: Message): readonly ResourceRecord[] {
  return outcomeOf(response).kind === 'referral' ? response.authorities : response.answers;
}

function meaningOf(response: Message, options: AgreementOptions): string {
  const keys = recordsThatCount(response).map((record) => keyOf(record, options));
  const counted = options.strict ? keys : [...new Set(keys)].sort();
  return [outcomeOf(response).kind, response.rcode, ...counted].join('\n');
}

function keyOf({ name, type, class: rrClass, ttl, rdata }: ResourceRecord, { strict }: AgreementOptions): string {
  const owner = strict ? Buffer.from(name.wire).toString('hex') : Buffer.from(name.key, 'latin1').toString('hex');
  const data = Buffer.from(strict ? rdata : canonicalRdata(type, rdata)).toString('hex');
  return `${owner} ${strict ? ttl : ''} ${rrClass} ${type} ${data}`;
}

/** As it is compared: without a TTL and in lower case where those do not count. */
function lineOf({ name, type, class: rrClass, ttl, rdata }: ResourceRecord, { strict }: AgreementOptions): string {
  const data = printRdata(type, strict ? rdata : canonicalRdata(type, rdata), rrClass);
  if (strict) return `${name} ${ttl} ${typeName(type)} ${data}`;
  return `${name.lowerCase()} ${typeName(type)} ${data}`;
}
