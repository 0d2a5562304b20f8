/** COMMAND and INFO: what the server says about itself. */
import type { ClientState } from './client-state.js';
import { type CommandEntry, type CommandTable, commandDocs, commandInfo, type RespCommand } from './command.js';
import { unknownSubcommand, wrongArity } from './errors.js';
import { error, map, type Reply, verbatim } from './reply.js';

/** INFO's sections: title to fields, in the order of display. */
export type InfoSections = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

export interface ServerCommandsOptions {
  /** Group of the block's own commands in COMMAND DOCS. */
  readonly group: string;
  /** The table that the commands are part of. */
  table(): CommandTable<ClientState>;
  info(): InfoSections;
}

type Table = CommandTable<ClientState>;
type Entry = CommandEntry<ClientState>;

export function serverCommands(options: ServerCommandsOptions): RespCommand<ClientState>[] {
  return [
    {
      name: 'command',
      arity: -1,
      flags: ['loading', 'stale'],
      summary: 'Describes the commands.',
      handle: (_client, args) => command(options, args),
    },
    {
      name: 'info',
      arity: -1,
      flags: ['loading', 'stale'],
      summary: "Answers the server's state and figures.",
      handle: (_client, args) => info(options, args),
    },
  ];
}

function command({ table, group }: ServerCommandsOptions, args: readonly Buffer[]): Reply {
  const [subcommand, ...names] = args;
  const entries = table().all();
  if (subcommand === undefined) return entries.map(commandInfo);
  switch (subcommand.toString('latin1').toLowerCase()) {
    case 'count':
      return names.length > 0 ? wrongArity('command|count') : entries.length;
    case 'list':
      return names.length > 0 ? wrongArity('command|list') : entries.map(({ name }) => name);
    case 'info':
      if (names.length === 0) return entries.map(commandInfo);
      return names.map((name) => describe(table(), name, commandInfo));
    case 'docs':
      return map(selected(table(), names).map((entry) => commandDocs(entry, group)));
    case 'getkeys':
      return names.length < 2 ? wrongArity('command|getkeys') : keysOf(table(), names);
    default:
      return unknownSubcommand('command', subcommand);
  }
}

function describe(table: Table, name: Buffer, how: (entry: Entry) => Reply): Reply {
  const entry = table.find(name.toString('latin1'));
  return entry === undefined ? null : how(entry);
}

function selected(table: Table, names: readonly Buffer[]): readonly Entry[] {
  if (names.length === 0) return table.all();
  return names.map((name) => table.find(name.toString('latin1'))).filter((entry) => entry !== undefined);
}

/** COMMAND GETKEYS name [arg …] */
function keysOf(table: Table, words: readonly Buffer[]): Reply {
  const entry = table.find(words[0]?.toString('latin1') ?? '');
  if (entry === undefined) return error('ERR', 'Invalid command specified');
  if (words.length - 1 < entry.least || words.length - 1 > entry.most) {
    return error('ERR', 'Invalid number of arguments specified for command');
  }
  const { firstKey, moreKeys } = entry.command;
  if (firstKey === undefined && moreKeys === undefined) return error('ERR', 'The command has no key arguments');
  return [...fixedKeys(entry, words), ...(moreKeys?.(words.slice(1)) ?? [])];
}

function fixedKeys({ command: { firstKey, lastKey = firstKey, step = 1 } }: Entry, words: readonly Buffer[]): Buffer[] {
  if (firstKey === undefined || lastKey === undefined) return [];
  const last = lastKey < 0 ? words.length + lastKey : lastKey;
  const keys: Buffer[] = [];
  for (let at = firstKey; at <= last && at < words.length; at += step) keys.push(words[at] ?? Buffer.alloc(0));
  return keys;
}

/**
 * INFO [section …]: all sections without an argument, or with `default`; with `all` or `everything` that of the commands, too. Times are not
 * there: two looks at the clock for each command would cost more than many a command does.
 */
function info(options: ServerCommandsOptions, args: readonly Buffer[]): Reply {
  const wanted = new Set(args.map((arg) => arg.toString('latin1').toLowerCase()));
  const everything = wanted.has('all') || wanted.has('everything');
  const all = everything || wanted.size === 0 || wanted.has('default');
  const withCommands = everything || wanted.has('commandstats');
  const sections = withCommands ? { ...options.info(), Commandstats: commandStats(options.table()) } : options.info();
  const parts: string[] = [];
  for (const [title, fields] of Object.entries(sections)) {
    if (!all && !wanted.has(title.toLowerCase())) continue;
    const lines = Object.entries(fields).map(([key, value]) => `${key}:${oneLine(value)}\r\n`);
    parts.push(`# ${title}\r\n${lines.join('')}`);
  }
  return verbatim('txt', parts.join('\r\n'));
}

function commandStats(table: Table): Readonly<Record<string, string>> {
  const called = table.all().filter(({ calls }) => calls > 0);
  return Object.fromEntries(
    called.map(({ name, calls, failedCalls }) => [`cmdstat_${name}`, `calls=${calls},failed_calls=${failedCalls}`]),
  );
}

const oneLine = (value: string | number): string => String(value).replace(/[\r\n]+/g, ' ');
