/** What help and the reference know of the commands: oclif.manifest.json, and the topics in package.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FlagDescription {
  readonly name: string;
  readonly char?: string;
  readonly type: 'boolean' | 'option';
  readonly summary?: string;
  readonly description?: string;
  readonly helpValue?: string | readonly string[];
  readonly helpGroup?: string;
  readonly default?: unknown;
  readonly options?: readonly string[];
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly hidden?: boolean;
}

export interface ArgumentDescription {
  readonly name: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly options?: readonly string[];
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly hidden?: boolean;
}

export interface CommandDescription {
  /** `seq:next`. */
  readonly id: string;
  readonly summary?: string;
  readonly description?: string;
  readonly args: Readonly<Record<string, ArgumentDescription>>;
  readonly flags: Readonly<Record<string, FlagDescription>>;
  readonly examples?: readonly (string | { readonly description: string; readonly command: string })[];
  readonly strict?: boolean;
  /** The words of a command that reads them itself, in place of its arguments: `NAME [TYPE] [@SERVER...]`. */
  readonly usage?: string | readonly string[];
  readonly hidden?: boolean;
}

export interface TopicDescription {
  readonly description: string;
  readonly subtopics?: Readonly<Record<string, TopicDescription>>;
}

export interface Descriptions {
  /** One line on what ds is. */
  readonly about: string;
  readonly version: string;
  /** Without the hidden ones, by name. */
  readonly commands: readonly CommandDescription[];
  /** Commands for a newcomer, with what they do. */
  readonly tryFirst: Readonly<Record<string, string>>;
  /** The blocks. */
  readonly topics: Readonly<Record<string, TopicDescription>>;
}

export type Manifest = { readonly commands: Readonly<Record<string, CommandDescription>> };

interface Package {
  readonly description: string;
  readonly version: string;
  readonly oclif: Pick<Descriptions, 'tryFirst' | 'topics'>;
}

export function readDescriptions(root: string): Descriptions {
  return describe(root, readJson<Manifest>(root, 'oclif.manifest.json'));
}

export function describe(root: string, manifest: Manifest): Descriptions {
  const { description, version, oclif } = readJson<Package>(root, 'package.json');
  const commands = Object.values(manifest.commands)
    .filter(({ hidden }) => hidden !== true)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return { about: description, version, commands, tryFirst: oclif.tryFirst, topics: oclif.topics };
}

function readJson<T>(root: string, file: string): T {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

/** `seq:worker:list` → `ds seq worker list`. */
export function typedName(id: string): string {
  return `ds ${id.replaceAll(':', ' ')}`;
}

export function findTopic(descriptions: Descriptions, words: readonly string[]): TopicDescription | undefined {
  let topics: Readonly<Record<string, TopicDescription>> | undefined = descriptions.topics;
  let found: TopicDescription | undefined;
  for (const word of words) {
    found = topics?.[word];
    topics = found?.subtopics;
  }
  return found;
}

/** What stands in descriptions and examples for the names: oclif's templates. */
export function fillIn(text: string, id: string): string {
  return text.replaceAll('<%= config.bin %>', 'ds').replaceAll('<%= command.id %>', id.replaceAll(':', ' '));
}

/** `ds seq decode [ID...] [flags]`. */
export function usageOf(command: CommandDescription): string {
  const args = Object.values(command.args).filter(({ hidden }) => hidden !== true);
  const words = args.map(({ name, required, multiple }, i) => {
    const goesOn = multiple || (command.strict === false && i === args.length - 1);
    const word = `${name.toUpperCase()}${goesOn ? '...' : ''}`;
    return required ? word : `[${word}]`;
  });
  return [typedName(command.id), ...(command.usage === undefined ? words : [command.usage]), '[flags]']
    .flat()
    .join(' ');
}

/** `-n, --count N`. */
export function flagLabel(flag: FlagDescription): string {
  const value = flag.type === 'boolean' ? '' : ` ${flag.helpValue ?? (flag.options ? 'WORD' : 'VALUE')}`;
  return `${flag.char === undefined ? '    ' : `-${flag.char}, `}--${flag.name}${value}`;
}

/** `how many (default: 1)`; with `one of` for a choice. */
export function flagText(flag: FlagDescription | ArgumentDescription): string {
  const text = ('summary' in flag ? flag.summary : undefined) ?? flag.description ?? '';
  const choice = flag.options === undefined ? '' : `: ${flag.options.join(', ')}`;
  const facts = [
    flag.required ? 'required' : '',
    flag.default === undefined || flag.default === false ? '' : `default: ${flag.default}`,
    flag.multiple ? 'may be repeated' : '',
  ].filter((fact) => fact !== '');
  return `${text}${choice}${facts.length > 0 ? ` (${facts.join('; ')})` : ''}`;
}

/** Flags by their group, the command's own (group '') first and the global ones last. */
export function flagGroups(command: CommandDescription): [group: string, flags: FlagDescription[]][] {
  const groups = new Map<string, FlagDescription[]>([['', []]]);
  for (const flag of Object.values(command.flags)) {
    if (flag.hidden) continue;
    const group = flag.helpGroup ?? '';
    groups.set(group, [...(groups.get(group) ?? []), flag]);
  }
  const rank = (group: string) => (group === '' ? 0 : group === 'GLOBAL' ? 2 : 1);
  return [...groups].filter(([, flags]) => flags.length > 0).sort(([a], [b]) => rank(a) - rank(b));
}

export function examplesOf(command: CommandDescription): { readonly description: string; readonly command: string }[] {
  return (command.examples ?? []).map((example) => {
    const { description, command: line } =
      typeof example === 'string' ? { description: '', command: example } : example;
    return { description, command: fillIn(line, command.id) };
  });
}
