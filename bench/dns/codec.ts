/**
 * The codec as a library, in one thread: messages of every day read and written, beside npm's dns-packet; names and data of
 * records alone. dns-packet does not compress, checks little and makes text of names at once; here the text of the owners is
 * asked for in "read and shown".
 */
import dnsPacket from 'dns-packet';
import { Name } from '../../src/blocks/dns/name.js';
import { parseRdata, printRdata } from '../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../src/blocks/dns/record.js';
import { type Message, makeMessage, parseType, RRClass, readMessage, writeMessage } from '../../src/blocks/dns/wire.js';
import {
  compare,
  formatRate,
  formatRatio,
  type Spread,
  type Subject,
  spreadOf,
  wantsJson,
} from '../support/compare.js';

const ROUNDS = 5;
/** Milliseconds of each measurement. */
const ROUND_MS = 200;
/** Calls between two looks at the clock. */
const BATCH = 64;

/** Calls in a second. */
function rateOf(work: (turn: number) => unknown): number {
  const started = performance.now();
  let calls = 0;
  let sink: unknown;
  for (; performance.now() - started < ROUND_MS; calls += BATCH) {
    for (let i = 0; i < BATCH; i++) sink = work(calls + i);
  }
  if (sink === null) throw new Error('nothing was made');
  return (calls * 1000) / (performance.now() - started);
}

function rates(work: (turn: number) => unknown): Spread {
  return spreadOf(Array.from({ length: ROUNDS + 1 }, () => rateOf(work)).slice(1));
}

const words = (text: string) => text.split(' ').map((word) => ({ text: word, quoted: false }));

function record(name: string, type: string, data: string): ResourceRecord {
  const rdata = parseRdata(parseType(type), words(data), Name.root);
  return { name: Name.parse(name), type: parseType(type), class: RRClass.IN, ttl: 3600, rdata };
}

const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
const ask = (name: string, type: string) => [{ name: Name.parse(name), type: parseType(type), class: RRClass.IN }];
const servers = Array.from({ length: 13 }, (_, i) => `${String.fromCharCode(97 + i)}.gtld-servers.net.`);

const messages: Readonly<Record<string, Message>> = {
  'a query': makeMessage({ id: 1, recursionDesired: true, questions: ask('www.example.com.', 'A'), edns }),
  'an address': makeMessage({
    id: 1,
    response: true,
    questions: ask('www.example.com.', 'A'),
    answers: [record('www.example.com.', 'A', '192.0.2.1')],
    edns,
  }),
  'mail servers': makeMessage({
    id: 1,
    response: true,
    questions: ask('example.com.', 'MX'),
    answers: ['10 mx1', '20 mx2', '30 mx3'].map((data) => record('example.com.', 'MX', `${data}.example.com.`)),
    additionals: ['mx1', 'mx2', 'mx3'].map((host) => record(`${host}.example.com.`, 'A', '192.0.2.1')),
    edns,
  }),
  'a referral': makeMessage({
    id: 1,
    response: true,
    questions: ask('www.example.com.', 'A'),
    authorities: servers.map((server) => record('com.', 'NS', server)),
    additionals: servers.map((server) => record(server, 'A', '192.0.2.1')),
    edns,
  }),
};

const rows: { name: string; rate: Spread; ratio?: Spread }[] = [];

function show(name: string, rate: Spread, ratio?: Spread): void {
  rows.push({ name, rate, ...(ratio && { ratio }) });
  const beside = ratio === undefined ? '' : `   ${formatRatio(ratio)} × dns-packet`;
  if (!wantsJson) process.stdout.write(`    ${name.padEnd(36)} ${formatRate(rate, '/s')}${beside}\n`);
}

async function beside(name: string, ours: () => unknown, theirs: () => unknown): Promise<void> {
  const subjects: readonly [Subject, Subject] = [
    { name: 'ds', measure: () => rateOf(ours) },
    { name: 'dns-packet', measure: () => rateOf(theirs) },
  ];
  const { spreads, ratio } = await compare(subjects, ROUNDS);
  if (spreads['ds'] !== undefined) show(name, spreads['ds'], ratio);
}

function showNames({ answers, authorities, additionals }: Message): string {
  let text = '';
  for (const section of [answers, authorities, additionals]) for (const { name } of section) text = name.toString();
  return text;
}

if (!wantsJson) process.stdout.write('\nmessages, in one thread\n');
for (const [name, message] of Object.entries(messages)) {
  const bytes = Buffer.from(writeMessage(message));
  const theirs = dnsPacket.decode(bytes);
  await beside(
    `${name}, read`,
    () => readMessage(bytes),
    () => dnsPacket.decode(bytes),
  );
  await beside(
    `${name}, read and shown`,
    () => showNames(readMessage(bytes)),
    () => dnsPacket.decode(bytes),
  );
  await beside(
    `${name}, written`,
    () => writeMessage(message),
    () => dnsPacket.encode(theirs),
  );
}

if (!wantsJson) process.stdout.write('\nnames and data\n');
const origin = Name.parse('example.com.');
const texts = Array.from({ length: 1024 }, (_, i) =>
  i % 2 === 0 ? `host-${i}.rack${i % 40}` : `Mail${i}.example.com.`,
);
const names = () => texts.map((text) => Name.parse(text, origin));
function at<T>(list: readonly T[], turn: number): T {
  const item = list[turn % list.length];
  if (item === undefined) throw new Error('the list is empty');
  return item;
}
const parsed = names();
show(
  'a name, parsed',
  rates((turn) => Name.parse(at(texts, turn), origin)),
);
show(
  'a name, parsed, with its key',
  rates((turn) => Name.parse(at(texts, turn), origin).key),
);
show(
  'a name, parsed, with its sort key',
  rates((turn) => Name.parse(at(texts, turn), origin).sortKey()),
);
show(
  'a sort key',
  rates((turn) => at(parsed, turn).sortKey()),
);
show(
  'a name, printed',
  rates((turn) => at(parsed, turn).toString()),
);
const sortKeys = parsed.map((name) => name.sortKey());
show(
  'a name of a sort key',
  rates((turn) => Name.fromSortKey(at(sortKeys, turn))),
);
for (const [type, data] of [
  ['A', '192.0.2.1'],
  ['AAAA', '2001:db8::1:2'],
  ['MX', '10 mail'],
  ['TXT', 'v=spf1 include:_spf.example.com -all'],
  ['DS', '60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A'],
] as const) {
  const number = parseType(type);
  const split = words(data);
  const rdata = parseRdata(number, split, origin);
  show(
    `${type} data, parsed`,
    rates(() => parseRdata(number, split, origin)),
  );
  show(
    `${type} data, printed`,
    rates(() => printRdata(number, rdata)),
  );
}
if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'dns codec', rows })}\n`);
