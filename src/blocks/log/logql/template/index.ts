/** Templates of line_format and label_format: Go's text/template with the functions that Loki documents. */
import { type Node, type Operand, type Pipeline, TemplateError } from './ast.js';
import { Evaluation, type TemplateScope } from './evaluate.js';
import { parseTemplate } from './parser.js';

export { TemplateError };

export interface Template {
  /** Labels that it looks at; undefined where that cannot be known (`{{range $name, $value := .}}`). */
  readonly labels: readonly string[] | undefined;
  /** Throws {@link TemplateError}. */
  render(scope: TemplateScope): string;
}

/** Throws {@link TemplateError}. */
export function compileTemplate(text: string): Template {
  const nodes = parseTemplate(text);
  const labels = new Set<string>();
  const known = collectLabels(nodes, labels);
  const [only] = nodes;
  const simple = nodes.length === 1 && only?.kind === 'action' ? simpleField(only.pipeline) : undefined;
  return {
    labels: known ? [...labels] : undefined,
    render: (scope) => (simple === undefined ? new Evaluation(scope).run(nodes) : (scope.labels.get(simple) ?? '')),
  };
}

/** `{{.name}}`, which most templates are. */
function simpleField({ variables, commands }: Pipeline): string | undefined {
  const [command] = commands;
  const [operand] = command ?? [];
  if (variables.length > 0 || commands.length !== 1 || command?.length !== 1 || operand?.kind !== 'dot')
    return undefined;
  return operand.fields.length === 1 ? operand.fields[0] : undefined;
}

/** Whether all labels that are looked at are known by name. */
function collectLabels(nodes: readonly Node[], labels: Set<string>): boolean {
  return nodes.every((node) => {
    if (node.kind === 'text') return true;
    if (!ofPipeline(node.pipeline, labels)) return false;
    return node.kind === 'action' || (collectLabels(node.body, labels) && collectLabels(node.otherwise, labels));
  });
}

function ofPipeline(pipeline: Pipeline, labels: Set<string>): boolean {
  return pipeline.commands.every((command) => command.every((operand) => ofOperand(operand, labels)));
}

function ofOperand(operand: Operand, labels: Set<string>): boolean {
  if (operand.kind === 'nested') return ofPipeline(operand.pipeline, labels);
  if (operand.kind === 'constant' || operand.kind === 'call') return true;
  const [field] = operand.fields;
  // `.` itself may be all labels; a variable other than $ holds what an operand gave it.
  if (field === undefined) return operand.kind === 'variable' && operand.name !== '$';
  labels.add(field);
  return true;
}
