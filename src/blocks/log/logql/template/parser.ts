/** Reads a template: texts, actions, if / else if / else, with, range, variables and pipelines. */
import { type Node, type Operand, type Pipeline, TemplateError } from './ast.js';
import { isFunction } from './functions.js';
import { type TemplateToken, tokenizeTemplate } from './lexer.js';

const MAX_DEPTH = 32;
const REFUSED: ReadonlySet<string> = new Set(['define', 'template', 'block', 'break', 'continue']);

/** Throws {@link TemplateError}. */
export function parseTemplate(text: string): readonly Node[] {
  const parser = new TemplateParser(tokenizeTemplate(text));
  const nodes = parser.nodes(0);
  if (parser.ended !== undefined) throw new TemplateError(`unexpected {{${parser.ended}}}`);
  return nodes;
}

class TemplateParser {
  readonly #tokens: readonly TemplateToken[];
  #at = 0;
  /** The word that ended the nodes at hand: `end` or `else`. */
  ended: 'end' | 'else' | undefined;

  constructor(tokens: readonly TemplateToken[]) {
    this.#tokens = tokens;
  }

  nodes(depth: number): Node[] {
    if (depth > MAX_DEPTH) throw new TemplateError(`it nests deeper than ${MAX_DEPTH}`);
    const nodes: Node[] = [];
    this.ended = undefined;
    for (let token = this.#next(); token !== undefined; token = this.#next()) {
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const keyword = this.#keyword();
      if (keyword === 'end' || keyword === 'else') {
        this.#at++;
        this.ended = keyword;
        if (keyword === 'end') this.#close();
        return nodes;
      }
      if (keyword === 'if' || keyword === 'with' || keyword === 'range') {
        this.#at++;
        nodes.push(this.#branch(keyword, depth + 1));
      } else {
        nodes.push({ kind: 'action', pipeline: this.#pipeline(depth) });
        this.#close();
      }
    }
    return nodes;
  }

  #branch(kind: 'if' | 'with' | 'range', depth: number): Node {
    const pipeline = this.#pipeline(depth);
    this.#close();
    const body = this.nodes(depth);
    let otherwise: Node[] = [];
    if (this.ended === 'else') {
      const keyword = this.#keyword();
      if (keyword === 'if' || keyword === 'with') {
        // {{else if}} shares its {{end}} with the first one.
        this.#at++;
        otherwise = [this.#branch(keyword, depth + 1)];
        return { kind, pipeline, body, otherwise };
      }
      this.#close();
      otherwise = this.nodes(depth);
    }
    if (this.ended !== 'end') throw new TemplateError(`{{${kind}}} has no {{end}}`);
    this.ended = undefined;
    return { kind, pipeline, body, otherwise };
  }

  #keyword(): string {
    const token = this.#peek();
    if (token?.kind !== 'word') return '';
    if (REFUSED.has(token.text)) throw new TemplateError(`{{${token.text}}} is not supported`);
    return token.text;
  }

  #pipeline(depth: number): Pipeline {
    if (depth > MAX_DEPTH) throw new TemplateError(`it nests deeper than ${MAX_DEPTH}`);
    const variables: string[] = [];
    let declares = false;
    const begin = this.#at;
    for (let token = this.#peek(); token?.kind === 'variable'; token = this.#peek()) {
      this.#at++;
      variables.push(token.text);
      if (this.#symbol(',')) continue;
      declares = this.#symbol(':=');
      if (!declares && !this.#symbol('=')) {
        variables.length = 0;
        this.#at = begin;
      }
      break;
    }
    const commands = [this.#command(depth)];
    while (this.#symbol('|')) commands.push(this.#command(depth));
    return { variables, declares, commands };
  }

  #command(depth: number): Operand[] {
    const operands: Operand[] = [];
    for (let operand = this.#operand(depth); operand !== undefined; operand = this.#operand(depth))
      operands.push(operand);
    if (operands.length === 0) throw new TemplateError('missing value for command');
    if (operands.length > 1 && operands[0]?.kind !== 'call')
      throw new TemplateError('only a function can be given arguments');
    return operands;
  }

  #operand(depth: number): Operand | undefined {
    const token = this.#peek();
    if (token === undefined || token.kind === 'text' || token.kind === 'open' || token.kind === 'close')
      return undefined;
    if (token.kind === 'symbol' && token.text !== '(') return undefined;
    this.#at++;
    switch (token.kind) {
      case 'string':
        return { kind: 'constant', value: token.text };
      case 'number':
        return { kind: 'constant', value: token.value };
      case 'field':
        return { kind: 'dot', fields: this.#fields(token.text === '.' ? [] : [token.text.slice(1)]) };
      case 'variable':
        return { kind: 'variable', name: token.text, fields: this.#fields([]) };
      case 'symbol': {
        const pipeline = this.#pipeline(depth + 1);
        if (!this.#symbol(')')) throw new TemplateError('unclosed left paren');
        return { kind: 'nested', pipeline, fields: this.#fields([]) };
      }
      case 'word':
        return this.#word(token.text);
    }
  }

  #word(text: string): Operand {
    if (text === 'true' || text === 'false') return { kind: 'constant', value: text === 'true' };
    if (text === 'nil') return { kind: 'constant', value: undefined };
    if (!isFunction(text)) throw new TemplateError(`function ${JSON.stringify(text)} not defined`);
    return { kind: 'call', name: text };
  }

  #fields(first: string[]): string[] {
    const fields = first;
    for (let token = this.#peek(); token?.kind === 'symbol' && token.text.startsWith('.'); token = this.#peek()) {
      if (token.text === '.') throw new TemplateError('a field has no name');
      fields.push(token.text.slice(1));
      this.#at++;
    }
    return fields;
  }

  #symbol(text: string): boolean {
    const token = this.#peek();
    const found = token?.kind === 'symbol' && token.text === text;
    if (found) this.#at++;
    return found;
  }

  #close(): void {
    const token = this.#next();
    if (token?.kind === 'close') return;
    throw new TemplateError(
      `unexpected ${token === undefined || !('text' in token) ? 'end' : JSON.stringify(token.text)} in an action`,
    );
  }

  #peek(): TemplateToken | undefined {
    return this.#tokens[this.#at];
  }

  #next(): TemplateToken | undefined {
    return this.#tokens[this.#at++];
  }
}
