/** `ds <block> <verb> --help`. */
import {
  type CommandDescription,
  examplesOf,
  fillIn,
  flagGroups,
  flagLabel,
  flagText,
  typedName,
  usageOf,
} from './descriptions.js';
import { type HelpStyle, paragraphs, section, twoColumns, wrap } from './layout.js';

export function commandHelp(command: CommandDescription, style: HelpStyle): string {
  const args = Object.values(command.args).filter(({ hidden }) => hidden !== true);
  const description = fillIn(command.description ?? '', command.id);
  return [
    `${wrap(command.summary ?? typedName(command.id), style.width).join('\n')}\n`,
    section('USAGE', [`$ ${usageOf(command)}`], style),
    ...sectionUnlessEmpty(
      'ARGUMENTS',
      twoColumns(
        args.map((arg) => [arg.name.toUpperCase(), flagText(arg)]),
        style,
      ),
      style,
    ),
    ...flagGroups(command).map(([group, flags]) => {
      const rows = flags.map((flag) => [flagLabel(flag), flagText(flag)] as const);
      return section(group === '' ? 'FLAGS' : `${group} FLAGS`, twoColumns(rows, style), style);
    }),
    ...sectionUnlessEmpty('DESCRIPTION', description === '' ? [] : paragraphs(description, style.width - 2), style),
    ...sectionUnlessEmpty('EXAMPLES', examples(command, style), style),
    style.paint('dim', 'ds help exit-codes   ds help errors'),
  ].join('\n');
}

function examples(command: CommandDescription, { paint, width }: HelpStyle): string[] {
  return examplesOf(command).flatMap(({ description, command: line }, i) => [
    ...(i > 0 ? [''] : []),
    ...wrap(description, width - 2).map((part) => paint('dim', part)),
    ...withPrompts(line.split('\n')),
  ]);
}

/** `$ ` before each command; not before what goes on with one: a here-document, and a line after a backslash. */
function withPrompts(lines: readonly string[]): string[] {
  let end: string | undefined;
  let goesOn = false;
  return lines.map((line) => {
    const isMore = goesOn || end !== undefined;
    goesOn = line.endsWith('\\');
    end = end === undefined ? /<<'?(\w+)'?/.exec(line)?.[1] : line === end ? undefined : end;
    return isMore || line.startsWith('$ ') ? line : `$ ${line}`;
  });
}

function sectionUnlessEmpty(title: string, body: readonly string[], style: HelpStyle): string[] {
  return body.length === 0 ? [] : [section(title, body, style)];
}
