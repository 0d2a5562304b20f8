/** Fills in a template, within bounds: so many steps, so long an output. Hostile lines and queries cannot make it run on. */
import { type Branch, type Node, type Operand, type Pipeline, TemplateError } from './ast.js';
import type { FunctionContext } from './function.js';
import { callFunction } from './functions.js';
import { isTrue, print, type Value } from './value.js';

/** Characters; a line that grows beyond is an error of that line. */
const MAX_OUTPUT = 1024 * 1024;
/** Commands, texts and rounds of a range, for each line. */
const MAX_STEPS = 20_000;

export interface TemplateScope extends FunctionContext {
  readonly labels: { get(name: string): string | undefined; names(): string[] };
}

/** `.` of the whole template: the labels. */
const LABELS: unique symbol = Symbol('labels');
type Dot = Value | typeof LABELS;

export class Evaluation {
  readonly #scope: TemplateScope;
  readonly #variables: { readonly name: string; value: Dot }[] = [{ name: '$', value: LABELS }];
  #output = '';
  #steps = 0;

  constructor(scope: TemplateScope) {
    this.#scope = scope;
  }

  run(nodes: readonly Node[]): string {
    this.#nodes(nodes, LABELS);
    return this.#output;
  }

  #nodes(nodes: readonly Node[], dot: Dot): void {
    const declared = this.#variables.length;
    for (const node of nodes) this.#node(node, dot);
    this.#variables.length = declared;
  }

  #node(node: Node, dot: Dot): void {
    this.#step();
    if (node.kind === 'text') this.#write(node.text);
    else if (node.kind === 'action') {
      const value = this.#pipeline(node.pipeline, dot);
      if (node.pipeline.variables.length === 0) this.#write(this.#print(value));
    } else {
      const declared = this.#variables.length;
      if (node.kind === 'range') this.#range(node, dot);
      else {
        const value = this.#pipeline(node.pipeline, dot);
        const chosen = value === LABELS || isTrue(value);
        this.#nodes(chosen ? node.body : node.otherwise, chosen && node.kind === 'with' ? value : dot);
      }
      this.#variables.length = declared;
    }
  }

  #range({ pipeline, body, otherwise }: Branch, dot: Dot): void {
    const { variables, commands } = pipeline;
    const value = this.#pipeline({ variables: [], declares: false, commands }, dot);
    const entries = this.#entriesOf(value);
    if (entries.length === 0) this.#nodes(otherwise, dot);
    for (const [key, element] of entries) {
      this.#step();
      const declared = this.#variables.length;
      const [first, second] = variables;
      if (second !== undefined && first !== undefined)
        this.#variables.push({ name: first, value: key }, { name: second, value: element });
      else if (first !== undefined) this.#variables.push({ name: first, value: element });
      this.#nodes(body, element);
      this.#variables.length = declared;
    }
  }

  #entriesOf(value: Dot): (readonly [Value, Value])[] {
    if (value === LABELS) {
      const { labels } = this.#scope;
      return labels
        .names()
        .sort()
        .map((name) => [name, labels.get(name)]);
    }
    if (Array.isArray(value)) return (value as readonly Value[]).map((element, index) => [index, element]);
    if (value instanceof Map) return [...(value as ReadonlyMap<string, Value>)].sort(([a], [b]) => (a < b ? -1 : 1));
    if (value === undefined) return [];
    throw new TemplateError(`range can't iterate over ${print(value)}`);
  }

  #pipeline({ variables, declares, commands }: Pipeline, dot: Dot): Dot {
    let value: Dot;
    for (const [index, command] of commands.entries()) {
      this.#step();
      value = this.#command(command, dot, index === 0 ? undefined : { value });
    }
    const [name] = variables;
    if (name === undefined) return value;
    if (declares) this.#variables.push({ name, value });
    else this.#variable(name).value = value;
    return value;
  }

  #command(command: readonly Operand[], dot: Dot, piped: { value: Dot } | undefined): Dot {
    const [first, ...rest] = command;
    if (first === undefined) throw new TemplateError('missing value for command');
    if (first.kind !== 'call') {
      if (piped !== undefined) throw new TemplateError('a value cannot be given to what is no function');
      return this.#operand(first, dot);
    }
    const values = rest.map((operand) => this.#value(this.#operand(operand, dot)));
    if (piped !== undefined) values.push(this.#value(piped.value));
    return callFunction(first.name, values, this.#scope);
  }

  #operand(operand: Operand, dot: Dot): Dot {
    switch (operand.kind) {
      case 'constant':
        return operand.value;
      case 'dot':
        return this.#fields(dot, operand.fields);
      case 'variable':
        return this.#fields(this.#variable(operand.name).value, operand.fields);
      case 'nested':
        return this.#fields(this.#pipeline(operand.pipeline, dot), operand.fields);
      case 'call':
        this.#step();
        return callFunction(operand.name, [], this.#scope);
    }
  }

  #fields(from: Dot, fields: readonly string[]): Dot {
    let value = from;
    for (const field of fields) {
      if (value === LABELS) value = this.#scope.labels.get(field) ?? '';
      else if (value instanceof Map) value = (value as ReadonlyMap<string, Value>).get(field);
      else if (value !== undefined) throw new TemplateError(`can't evaluate field ${field} of ${print(value)}`);
    }
    return value;
  }

  #variable(name: string): { value: Dot } {
    const variable = this.#variables.findLast((one) => one.name === name);
    if (variable === undefined) throw new TemplateError(`undefined variable ${JSON.stringify(name)}`);
    return variable;
  }

  #value(value: Dot): Value {
    if (value !== LABELS) return value;
    const { labels } = this.#scope;
    return new Map(labels.names().map((name) => [name, labels.get(name)]));
  }

  #print(value: Dot): string {
    return print(this.#value(value));
  }

  #write(text: string): void {
    if (this.#output.length + text.length > MAX_OUTPUT)
      throw new TemplateError(`the output is longer than ${MAX_OUTPUT} characters`);
    this.#output += text;
  }

  #step(): void {
    if (++this.#steps > MAX_STEPS) throw new TemplateError(`the template takes more than ${MAX_STEPS} steps`);
  }
}
