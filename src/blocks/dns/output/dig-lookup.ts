/** Everything that dig prints of one lookup, with what led to it. */
import { escapeForTerminal } from '../../../platform/terminal-safety.js';
import type { Again, Exchange } from '../client/exchange.js';
import type { LineSettings, QuerySettings } from '../query-words.js';
import { type Message, writeMessage } from '../wire.js';
import { type DigReport, digEdnsWarning, digMessage, digStats } from './dig-message.js';

/** What came of a lookup, as {@link Asker} gives it. */
export interface Answered {
  readonly exchange: Exchange;
  readonly at: number;
  readonly again: readonly Again[];
  readonly failures: readonly Error[];
}

/** What was typed, how many servers were named, by whom. Begins with an empty line, as dig does. */
export function digGreeting(program: string, words: readonly string[], servers: number): string[] {
  const found = servers === 0 ? [] : [`; (${servers} server${servers === 1 ? '' : 's'} found)`];
  return ['', `; <<>> ${program} <<>> ${escapeForTerminal(words.join(' '))}`, ...found, ';; global options: +cmd'];
}

const AGAIN: Readonly<Record<Again, string>> = {
  truncated: ';; Truncated, retrying in TCP mode.',
  cookie: ';; BADCOOKIE, retrying.',
  edns_version: ';; BADVERS, retrying with the EDNS version of the server.',
  without_edns: ';; The server does not know EDNS, retrying without it.',
};

export function digLookup(answered: Answered, settings: QuerySettings, line: LineSettings): string[] {
  const { exchange, again, failures } = answered;
  const { response, query } = exchange;
  const { sections, style, stats, showQuery } = settings;
  const lines: string[] = [];
  if (sections.comments) {
    lines.push(...failures.map(({ message }) => `;; ${escapeForTerminal(message)}`));
    lines.push(...again.map((why) => AGAIN[why]));
  }
  if (showQuery) lines.push(...digQuery({ ...query, id: response.id }, settings));
  if (sections.comments) {
    const warning = digEdnsWarning(response, query);
    lines.push(';; Got answer:', ...(warning === undefined ? [] : [warning]));
  }
  lines.push(...digMessage(response, query, sections, style));
  if (stats) lines.push(...digStats(reportOf(answered), line.micros));
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

export function reportOf({ exchange, at }: Pick<Answered, 'exchange' | 'at'>): DigReport {
  const { server, address, transport, elapsedMs, octets } = exchange;
  return {
    server: server.host,
    address,
    port: server.port,
    transport: transport === 'https' && server.plain === true ? 'HTTP' : transport.toUpperCase(),
    elapsedMs,
    at,
    octets,
  };
}
