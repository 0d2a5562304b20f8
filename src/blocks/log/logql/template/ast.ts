/** Go's text/template as data, the part of it that formats a line. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | Branch;

export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipeline: Pipeline;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** `$name := first | second 1`: each command is given the value of the one before it as its last argument. */
export interface Pipeline {
  /** Variables that are set: one, or two in a range (index, element). */
  readonly variables: readonly string[];
  /** `:=` and not `=`. */
  readonly declares: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly kind: 'dot'; readonly fields: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'nested'; readonly pipeline: Pipeline; readonly fields: readonly string[] }
  | { readonly kind: 'call'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: string | number | boolean | undefined };

/** Something is wrong with a template, or it cannot be filled in for an entry. */
export class TemplateError extends Error {}
