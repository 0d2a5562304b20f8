/** Everything that dig prints of one lookup, with what led to it. */
import { escapeForTerminal } from '../../../platform/terminal-safety.js';
import type { Again, Exchange } from '../client/exchange.js';
import type { LineSettings, QuerySettings } from '../query-words.js';
import { type Message, writeMessage } from '../wire.js';
import { type DigReport, digMessage, digStats } from './dig-message.js';

/** What came of a lookup, as {@link Asker} gives it. */
export interface Answered {
  readonly exchange: Exchange;
  readonly at: number;
  readonly again: readonly Again[];
  readonly failures: readonly Error[];
}

/** What was typed, and, the `first` time, how many servers were named; that one begins with an empty line, as dig does. */
export function digGreeting(program: string, words: readonly string[], servers: number, first: boolean): string[] {
  const typed = `; <<>> ${program} <<>> ${escapeForTerminal(words.join(' '))}`;
  if (!first) return [typed];
  const found = servers === 0 ? [] : [`; (${servers} server${servers === 1 ? '' : 's'} found)`];
  return ['', typed, ...found, ';; global options: +cmd'];
}

function sayAgain(why: Again, { query }: Exchange): string {
  switch (why) {
    case 'truncated':
      return ';; Truncated, retrying in TCP mode.';
    case 'cookie':
      return ';; BADCOOKIE, retrying.';
    case 'edns_version':
      return `;; BADVERS, retrying with EDNS version ${query.edns?.version ?? 0}.`;
    case 'without_edns':
      return ';; The server does not know EDNS, retrying without it.';
  }
}

/** `greeting` stands behind what went before the answer. */
export function digLookup(
  answered: Answered,
  settings: QuerySettings,
  line: LineSettings,
  greeting: readonly string[],
): string[] {
  const { exchange, again, failures } = answered;
  const { response, query } = exchange;
  const { sections, style, stats, showQuery } = settings;
  const lines: string[] = [];
  if (sections.comments) {
    lines.push(...failures.map(({ message }) => `;; ${escapeForTerminal(message)}`));
    lines.push(...again.map((why) => sayAgain(why, exchange)));
  }
  lines.push(...greeting);
  if (showQuery) lines.push(...digQuery({ ...query, id: response.id }, settings));
  if (sections.comments) {
    lines.push(';; Got answer:');
  }
  lines.push(...digMessage(response, query, sections, style));
  if (stats) lines.push(...digStats(reportOf(answered, settings.httpMethod), line.micros));
  return lines;
}

function digQuery(query: Message, { sections, style }: QuerySettings): string[] {
  return [
    ';; Sending:',
    ...digMessage(query, undefined, sections, style),
    `;; QUERY SIZE: ${writeMessage(query).length}`,
    '',
  ];
}

export function reportOf(answered: Pick<Answered, 'exchange' | 'at'>, httpMethod = 'POST'): DigReport {
  const { exchange, at } = answered;
  const { server, address, transport, elapsedMs, octets } = exchange;
  const protocol = server.plain === true ? 'HTTP' : transport.toUpperCase();
  return {
    server: server.host,
    address,
    port: server.port,
    transport: transport === 'https' && httpMethod === 'GET' ? `${protocol}-GET` : protocol,
    elapsedMs,
    at,
    octets,
  };
}
