/** `ds` alone: what it is, the blocks, what else there is, what to try. */
import { type Descriptions, typedName } from './descriptions.js';
import { type HelpStyle, section, twoColumns, wrap } from './layout.js';

export function rootHelp(descriptions: Descriptions, style: HelpStyle): string {
  const blocks = Object.entries(descriptions.topics).map(([name, topic]) => {
    return [name, firstLine(topic.description)] as const;
  });
  const commands = descriptions.commands
    .filter(({ id }) => !id.includes(':'))
    .map((command) => [command.id, command.summary ?? ''] as const);
  const others = [...commands, ['autocomplete', 'complete commands and flags in bash, zsh and PowerShell'] as const];
  return [
    `${wrap(descriptions.about, style.width).join('\n')}\n`,
    section('BLOCKS', twoColumns(blocks, style), style),
    section('COMMANDS', twoColumns(others, style), style),
    section('TRY', twoColumns(Object.entries(descriptions.tryFirst), style), style),
    style.paint(
      'dim',
      `${typedName('<block>')} --help   ds help exit-codes   ds help errors   ds ${descriptions.version}`,
    ),
  ].join('\n');
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
