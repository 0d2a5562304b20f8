/** Cuts a template into texts and the words between {{ and }}; `{{-` and `-}}` take the blanks beside them. */
import { unquote } from '../syntax/quote.js';
import { TemplateError } from './ast.js';

export type TemplateToken =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'open' | 'close' }
  /** `.a.b`, `$x`, `$x.y`, a name, a symbol. */
  | { readonly kind: 'word' | 'field' | 'variable' | 'symbol'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number };

const COMMENT = /\s*\/\*[\s\S]*?\*\/\s*/y;
const PIECE =
  /(?<blank>\s+)|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<char>'(?:[^'\\\n]|\\.[^']*)')|(?<number>[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))|(?<field>\.[A-Za-z_][A-Za-z0-9_]*|\.)|(?<variable>\$(?:[A-Za-z_][A-Za-z0-9_]*)?)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<symbol>:=|[=|(),])/y;

export function tokenizeTemplate(template: string): TemplateToken[] {
  const tokens: TemplateToken[] = [];
  let at = 0;
  let trim = false;
  for (;;) {
    const open = template.indexOf('{{', at);
    let text = template.slice(at, open === -1 ? template.length : open);
    if (trim) text = text.trimStart();
    const trimsLeft = open !== -1 && /^-\s/.test(template.slice(open + 2, open + 4));
    if (trimsLeft) text = text.trimEnd();
    if (text !== '') tokens.push({ kind: 'text', text });
    if (open === -1) return tokens;
    const action = readAction(template, open + (trimsLeft ? 3 : 2), tokens);
    at = action.end;
    trim = action.trimsRight;
  }
}

function readAction(template: string, begin: number, tokens: TemplateToken[]): { end: number; trimsRight: boolean } {
  COMMENT.lastIndex = begin;
  const comment = COMMENT.test(template);
  let at = comment ? COMMENT.lastIndex : begin;
  if (!comment) tokens.push({ kind: 'open' });
  for (;;) {
    const trimsRight = template.startsWith('-}}', at) && /\s/.test(template[at - 1] ?? '');
    if (trimsRight || template.startsWith('}}', at)) {
      if (!comment) tokens.push({ kind: 'close' });
      return { end: at + (trimsRight ? 3 : 2), trimsRight };
    }
    PIECE.lastIndex = at;
    const piece = PIECE.exec(template);
    if (piece === null || piece.groups === undefined || comment) {
      throw new TemplateError(
        at >= template.length ? 'unclosed action' : `unexpected ${JSON.stringify(template[at])} in an action`,
      );
    }
    const token = tokenOf(piece.groups, at === 0 ? '' : (template[at - 1] ?? ''));
    if (token !== undefined) tokens.push(token);
    at = PIECE.lastIndex;
  }
}

function tokenOf(groups: Record<string, string | undefined>, before: string): TemplateToken | undefined {
  const { string, char, number, field, variable, word, symbol } = groups;
  if (string !== undefined) return { kind: 'string', text: textOf(string) };
  if (char !== undefined)
    return { kind: 'number', value: textOf(`"${char.slice(1, -1).replaceAll('"', '\\"')}"`).codePointAt(0) ?? 0 };
  if (number !== undefined) return { kind: 'number', value: Number(number) };
  if (field !== undefined) {
    // `.a.b` are two fields of one operand, `.a .b` are two operands: the blank tells them apart.
    return { kind: /[\w)]/.test(before) ? 'symbol' : 'field', text: field };
  }
  if (variable !== undefined) return { kind: 'variable', text: variable };
  if (word !== undefined) return { kind: 'word', text: word };
  return symbol === undefined ? undefined : { kind: 'symbol', text: symbol };
}

function textOf(literal: string): string {
  const text = unquote(literal);
  if (text === undefined) throw new TemplateError(`invalid escape in ${literal}`);
  return text;
}
