/** Lines with what stands around them, as `ds log context` writes them. */
import type { ContextLine } from './context.js';
import { type EntryLook, entryJson, entryText } from './entry-text.js';

/** With its line end. */
export function contextText(line: ContextLine, look: EntryLook): string {
  if (look.form === 'json') {
    return `${JSON.stringify(line.kind === 'gap' ? line : { kind: line.kind, ...entryJson(line.entry) })}\n`;
  }
  if (line.kind === 'gap') return `${look.paint('dim', '--')}\n`;
  const text = entryText(line.entry, look);
  if (look.form === 'raw') return `${line.kind === 'match' ? '>' : ' '}\t${text}`;
  // Without colours a sign in front tells them apart.
  if (line.kind === 'match') return `${look.paint('bold', '>')} ${text}`;
  return `  ${look.paint('dim', entryText(line.entry, { ...look, paint: (_color, plain) => plain }).trimEnd())}\n`;
}
