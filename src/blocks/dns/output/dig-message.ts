/** A whole response as dig prints it, by sections that can be switched off. */
import type { Question, ResourceRecord } from '../record.js';
import { EdnsOptionCode, type Message, Opcode, opcodeName, Rcode, rcodeName } from '../wire.js';
import { digEdns } from './dig-edns.js';
import { digQuestion, digRecord } from './dig-record.js';
import type { DigStyle } from './dig-style.js';

/** Which parts are shown; all by default. */
export interface DigSections {
  readonly comments: boolean;
  readonly question: boolean;
  readonly answer: boolean;
  readonly authority: boolean;
  readonly additional: boolean;
}

/** What surrounds a response. */
export interface DigReport {
  readonly server: string;
  /** What the server's name resolved to. */
  readonly address: string;
  readonly port: number;
  /** `UDP`, `TCP`, `TLS`, `HTTPS`. */
  readonly transport: string;
  readonly elapsedMs: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly octets: number;
}

/** Lines without their ends. `sent` is the query that the message answers; for a query itself undefined. */
export function digMessage(
  message: Message,
  sent: Message | undefined,
  sections: DigSections,
  style: DigStyle,
): string[] {
  const { comments } = sections;
  const lines: string[] = comments ? [...digHeader(message, sent), ''] : [];
  if (comments && message.edns !== undefined) lines.push(...digEdns(message.edns, cookieIn(sent)));
  if (sections.question) lines.push(...section(questionTitle(message), message.questions, comments, questionOf(style)));
  const records = (record: ResourceRecord) => digRecord(record, style);
  const titles = message.opcode === Opcode.UPDATE ? UPDATE_TITLES : TITLES;
  if (sections.answer) lines.push(...section(titles[0], message.answers, comments, records));
  if (sections.authority) lines.push(...section(titles[1], message.authorities, comments, records));
  if (sections.additional) lines.push(...section(titles[2], message.additionals, comments, records));
  return lines;
}

const TITLES = ['ANSWER SECTION', 'AUTHORITY SECTION', 'ADDITIONAL SECTION'] as const;
/** RFC 2136, section 2. */
const UPDATE_TITLES = ['PREREQUISITE SECTION', 'UPDATE SECTION', 'ADDITIONAL SECTION'] as const;

const questionTitle = ({ opcode }: Message) => (opcode === Opcode.UPDATE ? 'ZONE SECTION' : 'QUESTION SECTION');
const questionOf = (style: DigStyle) => (question: Question) => digQuestion(question, style);

function section<T>(title: string, items: readonly T[], comments: boolean, print: (item: T) => string): string[] {
  if (items.length === 0) return [];
  const lines = items.map(print);
  return comments ? [`;; ${title}:`, ...lines, ''] : lines;
}

function digHeader(message: Message, sent: Message | undefined): string[] {
  const { id, opcode, rcode, questions, answers, authorities, additionals, edns } = message;
  const count = additionals.length + (edns === undefined ? 0 : 1);
  const counts = `QUERY: ${questions.length}, ANSWER: ${answers.length}, AUTHORITY: ${authorities.length}, ADDITIONAL: ${count}`;
  const lines = [
    `;; ->>HEADER<<- opcode: ${opcodeName(opcode)}, status: ${digRcode(rcode)}, id: ${id}`,
    `;; flags:${flagsOf(message)}${message.zero ? '; MBZ: 0x4' : ''}; ${counts}`,
  ];
  if (message.response && message.recursionDesired && !message.recursionAvailable) {
    lines.push(';; WARNING: recursion requested but not available');
  }
  if ((rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP) && edns === undefined && sent?.edns !== undefined) {
    const also = sent.edns.dnssecOk ? '+nodnssec ' : '';
    lines.push('', `;; WARNING: EDNS query returned status ${rcodeName(rcode)} - retry with '${also}+noedns'`);
  }
  return lines;
}

function digRcode(rcode: number): string {
  return rcodeName(rcode).replace(/^RCODE/, 'RESERVED');
}

function flagsOf(message: Message): string {
  const flags = [
    ['qr', message.response],
    ['aa', message.authoritative],
    ['tc', message.truncated],
    ['rd', message.recursionDesired],
    ['ra', message.recursionAvailable],
    ['ad', message.authenticData],
    ['cd', message.checkingDisabled],
  ] as const;
  return flags.map(([name, set]) => (set ? ` ${name}` : '')).join('');
}

function cookieIn(sent: Message | undefined): Uint8Array | undefined {
  return sent?.edns?.options.find(({ code }) => code === EdnsOptionCode.COOKIE)?.data;
}

/** The lines at the end; `micros` gives the time in microseconds (-u). */
export function digStats(report: DigReport, micros: boolean): string[] {
  const { elapsedMs, server, address, port, transport, at, octets } = report;
  return [
    `;; Query time: ${micros ? `${Math.round(elapsedMs * 1000)} usec` : `${Math.floor(elapsedMs)} msec`}`,
    `;; SERVER: ${address}#${port}(${server}) (${transport})`,
    `;; WHEN: ${digTime(at)}`,
    `;; MSG SIZE  rcvd: ${octets}`,
    '',
  ];
}

/** The same, of a zone transfer. */
export function digTransferStats(report: DigReport, micros: boolean, records: number, messages: number): string[] {
  return [
    ...digStats(report, micros).slice(0, -2),
    `;; XFR size: ${records} records (messages ${messages}, bytes ${report.octets})`,
    '',
  ];
}

/** As date(1) in the C locale, always in UTC. */
function digTime(at: number): string {
  const [weekday, day, month, year, time] = new Date(at).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
