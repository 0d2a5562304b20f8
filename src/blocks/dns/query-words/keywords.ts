/** dig's `+keywords`, with or without `no` in front and a value behind. */
import { closest } from '../../../platform/closest.js';
import { parseNetwork } from '../../../platform/ip-address.js';
import { dnsErrors } from '../errors.js';
import { type EdnsOption, EdnsOptionCode, Opcode, SAFE_UDP_SIZE } from '../wire.js';
import type { LineSettings, QuerySettings } from './settings.js';

/** What a keyword changes. */
interface Changes {
  readonly settings?: Partial<QuerySettings>;
  readonly line?: Partial<LineSettings>;
}

interface Keyword {
  /** What stands behind `=`. */
  readonly value: 'none' | 'optional' | 'required';
  /** Whether `no` may stand in front. */
  readonly negatable: boolean;
  /** It is about what dig's text shows. */
  readonly shows: boolean;
  apply(on: boolean, value: string | undefined, before: QuerySettings): Changes;
}

type Toggle = (on: boolean, before: QuerySettings) => Partial<QuerySettings>;

const toggle = (change: Toggle): Keyword => ({
  value: 'none',
  negatable: true,
  shows: false,
  apply: (on, _value, before) => ({ settings: change(on, before) }),
});

const show = (change: Toggle): Keyword => ({ ...toggle(change), shows: true });

const section = (name: keyof QuerySettings['sections']) =>
  show((on, { sections }) => ({ sections: { ...sections, [name]: on } }));

const style = (change: (on: boolean) => Partial<QuerySettings['style']>) =>
  show((on, { style: before }) => ({ style: { ...before, ...change(on) } }));

const line = (change: (on: boolean) => Partial<LineSettings>): Keyword => ({
  value: 'none',
  negatable: true,
  shows: false,
  apply: (on) => ({ line: change(on) }),
});

const valued = (read: (value: string) => Partial<QuerySettings>): Keyword => ({
  value: 'required',
  negatable: false,
  shows: false,
  apply: (_on, value = '') => ({ settings: read(value) }),
});

/** With `no` in front, without a value, or with one. */
const optional = (read: (on: boolean, value: string | undefined, before: QuerySettings) => Partial<QuerySettings>) => ({
  value: 'optional' as const,
  negatable: true,
  shows: false,
  apply: (on: boolean, value: string | undefined, before: QuerySettings) => ({ settings: read(on, value, before) }),
});

const number = (keyword: string, value: string, most: number): number => {
  const read = /^\d{1,10}$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
  if (read > most) throw badWord(`+${keyword}=${value} is not a number from 0 to ${most}`);
  return read;
};

const LONGEST_TIMEOUT_S = 3_600;
const MOST_RETRIES = 100;

const http = (method: 'GET' | 'POST', httpPlain: boolean) =>
  optional((on, value) => ({
    transport: on ? 'https' : 'udp',
    httpMethod: method,
    httpPlain,
    ...(value === undefined ? {} : { httpPath: value }),
  }));

const tcp = toggle((on) => ({ transport: on ? 'tcp' : 'udp' }));
const recurse = toggle((on) => ({ recursionDesired: on }));
const dnssec = toggle((on, { edns }) => ({ dnssec: on, ...(on ? { edns: edns ?? 0 } : {}) }));
const authoritative = toggle((on) => ({ authoritative: on }));
const search = toggle((on) => ({ search: on }));
const timeout = valued((value) => ({
  timeoutMs: Math.max(1, number('timeout', value, LONGEST_TIMEOUT_S)) * 1000,
}));

/** In the order of dig's manual. */
const keywords: Readonly<Record<string, Keyword>> = {
  aaflag: authoritative,
  aaonly: authoritative,
  additional: section('additional'),
  adflag: toggle((on) => ({ authenticData: on })),
  all: {
    ...show(() => ({})),
    apply: (on) => ({
      settings: {
        sections: { comments: on, question: on, answer: on, authority: on, additional: on },
        stats: on,
      },
      line: { cmd: on },
    }),
  },
  answer: section('answer'),
  authority: section('authority'),
  badcookie: toggle((on) => ({ retryBadCookie: on })),
  bufsize: optional((_on, value) => ({
    udpSize: value === undefined ? SAFE_UDP_SIZE : number('bufsize', value, 0xffff),
  })),
  cdflag: toggle((on) => ({ checkingDisabled: on })),
  class: style((on) => ({ class: on })),
  cmd: line((on) => ({ cmd: on })),
  comments: section('comments'),
  cookie: optional((on, value) => ({ cookie: value === undefined ? on : hexOctets('cookie', value) })),
  crypto: style((on) => ({ crypto: on })),
  defname: search,
  dnssec,
  do: dnssec,
  domain: valued((domain) => ({ domain, search: true })),
  edns: optional((on, value) => ({ edns: on ? number('edns', value ?? '0', 255) : undefined })),
  ednsnegotiation: toggle((on) => ({ negotiateEdns: on })),
  ednsopt: optional((on, value, { ednsOptions }) => ({
    ednsOptions: on && value !== undefined ? [...ednsOptions, ednsOption(value)] : [],
  })),
  expandaaaa: style((on) => ({ expandAaaa: on })),
  expire: toggle((on) => ({ expire: on })),
  fail: toggle((on) => ({ nextOnServfail: !on })),
  'header-only': toggle((on) => ({ headerOnly: on })),
  https: http('POST', false),
  'https-get': http('GET', false),
  'https-post': http('POST', false),
  'http-plain': http('POST', true),
  'http-plain-get': http('GET', true),
  'http-plain-post': http('POST', true),
  identify: show((on) => ({ identify: on })),
  idnin: toggle((on) => ({ idn: on })),
  ignore: toggle((on) => ({ ignoreTruncation: on })),
  json: line((on) => ({ json: on })),
  keepalive: toggle((on) => ({ keepalive: on })),
  keepopen: toggle((on) => ({ keepOpen: on })),
  multiline: style((on) => ({ multiline: on, recordComments: on })),
  ndots: valued((value) => ({ ndots: number('ndots', value, 15) })),
  nsid: toggle((on) => ({ nsid: on })),
  onesoa: show((on) => ({ oneSoa: on })),
  opcode: optional((on, value = 'QUERY') => ({ opcode: on ? opcode(value) : Opcode.QUERY })),
  padding: valued((value) => ({ padding: number('padding', value, 512) })),
  qid: valued((value) => ({ id: number('qid', value, 0xffff) })),
  qr: show((on) => ({ showQuery: on })),
  question: section('question'),
  raflag: toggle((on) => ({ recursionAvailable: on })),
  rdflag: recurse,
  recurse,
  retry: valued((value) => ({ retries: number('retry', value, MOST_RETRIES) })),
  rrcomments: style((on) => ({ recordComments: on })),
  search,
  short: line((on) => ({ short: on })),
  split: {
    ...optional((on, value, { style: before }) => ({
      style: { ...before, split: on ? number('split', value ?? '56', 65_535) : 0 },
    })),
    shows: true,
  },
  stats: show((on) => ({ stats: on })),
  subnet: optional((on, value) => ({ ...(on && value !== undefined ? { subnet: subnet(value) } : {}) })),
  tcflag: toggle((on) => ({ truncated: on })),
  tcp,
  time: timeout,
  timeout,
  tls: toggle((on) => ({ transport: on ? 'tls' : 'udp' })),
  'tls-ca': optional((on, value) => ({ tlsInsecure: !on, ...(on && value !== undefined ? { tlsCa: value } : {}) })),
  'tls-hostname': valued((tlsHostname) => ({ tlsHostname })),
  trace: toggle((on) => ({ trace: on })),
  tries: valued((value) => ({ retries: Math.max(1, number('tries', value, MOST_RETRIES)) - 1 })),
  ttlid: style((on) => ({ ttl: on })),
  ttlunits: style((on) => ({ ttlUnits: on, ...(on ? { ttl: true } : {}) })),
  unknownformat: style((on) => ({ unknownFormat: on })),
  vc: tcp,
  zflag: toggle((on) => ({ zero: on })),
};

/** What dig takes for short and that is not the beginning of one keyword only. */
const abbreviations: Readonly<Record<string, string>> = { aa: 'aaonly', ad: 'adflag', cd: 'cdflag', ttl: 'ttlid' };

/** What dig knows, and there is not here: why, or what to write instead. */
const unsupported: Readonly<Record<string, string>> = {
  besteffort: 'what cannot be read is never shown in part',
  coflag: 'flags of EDNS beside DO cannot be set',
  dns64prefix: 'ask for it: ipv4only.arpa AAAA',
  dscp: 'it has no effect in dig either',
  ednsflags: 'flags of EDNS beside DO cannot be set',
  fuzztime: 'queries are not signed',
  idnout: 'names are shown as they are, in ASCII',
  nssearch: 'write ds dns diff ZONE',
  showbadcookie: 'replies that lead to another query are not shown',
  showsearch: 'replies that lead to another query are not shown',
  'tls-certfile': 'certificates of clients are not used',
  'tls-keyfile': 'certificates of clients are not used',
  yaml: 'write +json',
};

/** Without harm: `+noidnout` is how it is anyway. */
const absentAnyway = new Set([
  'besteffort',
  'coflag',
  'dns64prefix',
  'idnout',
  'nssearch',
  'showbadcookie',
  'showsearch',
]);

const names = [...Object.keys(keywords), ...Object.keys(unsupported)];

export interface ReadKeyword extends Changes {
  readonly shows: boolean;
}

/** `text` without its `+`. Errors: `dns.unknown_word`, `dns.bad_word`. */
export function readKeyword(text: string, before: QuerySettings): ReadKeyword {
  const equals = text.indexOf('=');
  const typed = equals === -1 ? text : text.slice(0, equals);
  const value = equals === -1 ? undefined : text.slice(equals + 1);
  const { name, on } = findName(typed.toLowerCase());
  const reason = unsupported[name];
  if (reason !== undefined) {
    if (!on && absentAnyway.has(name)) return { shows: false };
    throw badWord(`+${text} is not supported: ${reason}`);
  }
  const keyword = keywords[name];
  if (keyword === undefined) throw unknownWord(typed);
  if (!on && !keyword.negatable) throw badWord(`+${typed} makes no sense: write +${name}=VALUE`);
  if (value !== undefined && (keyword.value === 'none' || !on)) throw badWord(`+${typed} takes no value`);
  if (keyword.value === 'required' && (value ?? '') === '') throw badWord(`+${typed} needs a value: +${name}=VALUE`);
  return { shows: keyword.shows, ...keyword.apply(on, value, before) };
}

function findName(typed: string): { readonly name: string; readonly on: boolean } {
  const name = complete(typed);
  if (name !== undefined) return { name, on: true };
  const negated = typed.startsWith('no') ? complete(typed.slice(2)) : undefined;
  if (negated !== undefined) return { name: negated, on: false };
  throw unknownWord(typed);
}

/** The keyword of which it is the whole name or, alone, the beginning. */
function complete(typed: string): string | undefined {
  if (names.includes(typed)) return typed;
  const short = abbreviations[typed];
  if (short !== undefined) return short;
  const begun = typed === '' ? [] : names.filter((name) => name.startsWith(typed));
  return begun.length === 1 ? begun[0] : undefined;
}

function unknownWord(typed: string) {
  const shown = typed.slice(0, 40);
  const begun = shown === '' ? [] : names.filter((name) => name.startsWith(shown));
  const isNegated = shown.startsWith('no');
  const nearest = closest(isNegated ? shown.slice(2) : shown, names);
  const meant = nearest === undefined ? undefined : `did you mean +${isNegated ? 'no' : ''}${nearest}?`;
  const message =
    begun.length > 1
      ? `+${shown} could be ${begun.map((name) => `+${name}`).join(' or ')}`
      : `there is no query option +${shown}`;
  return dnsErrors.error('dns.unknown_word', message, {
    hint: meant ?? 'ds dns query --help',
    details: { word: `+${shown}` },
  });
}

export function badWord(message: string, hint?: string) {
  return dnsErrors.error('dns.bad_word', message.slice(0, 300), hint === undefined ? {} : { hint });
}

function hexOctets(keyword: string, text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text) || text.length > 1_024) {
    throw badWord(`+${keyword} has a value that is no hexadecimal: "${text.slice(0, 40)}"`);
  }
  return Buffer.from(text, 'hex');
}

/** By the names that dig knows. */
const optionCodes: Readonly<Record<string, number>> = {
  nsid: EdnsOptionCode.NSID,
  ecs: EdnsOptionCode.CLIENT_SUBNET,
  expire: 9,
  cookie: EdnsOptionCode.COOKIE,
  keepalive: EdnsOptionCode.TCP_KEEPALIVE,
  padding: EdnsOptionCode.PADDING,
  pad: EdnsOptionCode.PADDING,
  chain: 13,
  'key-tag': 14,
  ede: EdnsOptionCode.EXTENDED_ERROR,
};

/** `CODE[:HEX]`; the code by number or name. */
function ednsOption(text: string): EdnsOption {
  const [code = '', value = ''] = text.split(':');
  const known = optionCodes[code.toLowerCase()];
  return { code: known ?? number('ednsopt', code, 0xffff), data: hexOctets('ednsopt', value) };
}

/** `0` tells the resolver to tell nobody (RFC 7871, section 7.1.2). */
function subnet(text: string) {
  const network = parseNetwork(text === '0' ? '0.0.0.0/0' : text);
  if (network === undefined) throw badWord(`+subnet=${text.slice(0, 60)} is no network`, 'write +subnet=192.0.2.0/24');
  return network;
}

function opcode(text: string): number {
  const named = Object.entries(Opcode).find(([name]) => name === text.toUpperCase())?.[1];
  return named ?? number('opcode', text, 15);
}
