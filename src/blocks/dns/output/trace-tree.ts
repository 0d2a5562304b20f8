/**
 * A trace as a tree:
 *
 *     www.shop.test A
 *     ├─ the root  1 server, by the hints
 *     │  └─ 127.0.0.2:5300  0.8 ms  refers to test: ns1.test
 *     ├─ test  1 server, as 127.0.0.2:5300 says
 *     │  └─ …
 *     └─ shop.test  …
 */
import type { Color } from '../../../platform/colors.js';
import type { QueryStep, Trace, TraceStep } from '../trace/steps.js';
import { typeName } from '../wire.js';
import { sayName } from './outcome.js';
import { sayOutcome, sayServer, sayZoneReason } from './trace-words.js';

/** Text as it came from outside; whoever prints it escapes it. */
export type StyledLine = readonly (string | readonly [Color, string])[];

interface Node {
  readonly line: StyledLine;
  readonly children: Node[];
}

const UNICODE = { last: '└─ ', other: '├─ ', past: '   ', along: '│  ' };
const ASCII = { last: '`- ', other: '|- ', past: '   ', along: '|  ' };

export function traceTree(trace: Trace, { unicode }: { readonly unicode: boolean }): StyledLine[] {
  const glyphs = unicode ? UNICODE : ASCII;
  const lines: StyledLine[] = [];
  const draw = (node: Node, before: string, own: string) => {
    lines.push(own === '' && before === '' ? node.line : [['dim', `${before}${own}`], ...node.line]);
    const indent = own === '' ? '' : before + (own === glyphs.last ? glyphs.past : glyphs.along);
    node.children.forEach((child, index) => {
      draw(child, indent, index === node.children.length - 1 ? glyphs.last : glyphs.other);
    });
  };
  for (const root of nodesOf(trace.steps)) draw(root, '', '');
  return lines;
}

/**
 * Look-ups of the name itself are roots, an alias a new one. Below them stand zones, below those queries; the look-up of a
 * server's address stands where the server does.
 */
function nodesOf(steps: readonly TraceStep[]): Node[] {
  const roots: Node[] = [];
  const queries = new Map<number, QueryStep>();
  const lookups: Node[] = [];
  const zones: Node[] = [];
  for (const step of steps) {
    const { depth } = step;
    const node = { line: lineOf(step, queries), children: [] };
    if (step.kind === 'query') queries.set(step.number, step);
    const parent = step.kind === 'lookup' ? zones[depth - 1] : step.kind === 'zone' ? lookups[depth] : zones[depth];
    (parent?.children ?? roots).push(node);
    if (step.kind === 'lookup') lookups[depth] = node;
    if (step.kind === 'zone') zones[depth] = node;
  }
  return roots;
}

function lineOf(step: TraceStep, queries: ReadonlyMap<number, QueryStep>): StyledLine {
  switch (step.kind) {
    case 'lookup': {
      const asked = `${sayName(step.question.name)} ${typeName(step.question.type)}`;
      return step.why === 'address'
        ? [
            ['bold', asked],
            ['dim', '  there is no glue'],
          ]
        : [['bold', asked]];
    }
    case 'zone':
      return [
        ['bold', sayName(step.zone)],
        ['dim', `  ${sayZoneReason(step, queries.get(step.told ?? 0))}`],
      ];
    case 'query':
      return [
        sayServer(step.server, step.place),
        ['dim', `  ${sayMs(step.elapsedMs)}  `],
        [colorOf(step), sayOutcome(step)],
      ];
    case 'skipped':
      return [sayName(step.server), ['yellow', `  not asked: ${step.why}`]];
  }
}

/** Milliseconds, with a fraction where that says something. */
export function sayMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function colorOf({ outcome }: QueryStep): Color {
  if (outcome.kind === 'unanswered') return 'red';
  switch (outcome.verdict.kind) {
    case 'answer':
      return 'green';
    case 'lame':
    case 'nodata':
    case 'nxdomain':
      return 'yellow';
    default:
      return 'dim';
  }
}
