/** `ds <block>`: what it is for, its verbs, an example from start to result. */
import { type Descriptions, findTopic, typedName } from './descriptions.js';
import { type HelpStyle, paragraphs, section, twoColumns, wrap } from './layout.js';

/** Undefined when there is no such topic. */
export function topicHelp(descriptions: Descriptions, words: readonly string[], style: HelpStyle): string | undefined {
  const prefix = `${words.join(':')}:`;
  const verbs = descriptions.commands.filter(({ id }) => id.startsWith(prefix));
  if (verbs.length === 0) return undefined;
  const [summary = '', ...more] = (findTopic(descriptions, words)?.description ?? '').split('\n');
  const [about, example] = splitExample(more.join('\n'));
  const rows = verbs.map(
    ({ id, summary: verb }) => [id.slice(prefix.length).replaceAll(':', ' '), verb ?? ''] as const,
  );
  const name = typedName(words.join(':'));
  return [
    ...(summary === '' ? [] : [`${wrap(summary, style.width).join('\n')}\n`]),
    section('USAGE', [`$ ${name} VERB [flags]`], style),
    ...(about === '' ? [] : [section('DESCRIPTION', paragraphs(about, style.width - 2), style)]),
    section('VERBS', twoColumns(rows, style), style),
    ...(example === '' ? [] : [section('EXAMPLE', example.split('\n'), style)]),
    style.paint('dim', `${name} VERB --help`),
  ].join('\n');
}

/** What follows a line `Example:` is shown as it stands. */
function splitExample(text: string): [about: string, example: string] {
  const [about = '', example = ''] = text.split(/^Example:\n/m);
  return [about.trim(), example.replaceAll(/^ {2}/gm, '').trimEnd()];
}
