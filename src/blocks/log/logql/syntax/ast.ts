/**
 * LogQL as data. A query selects entries, or makes numbers of them:
 *
 *     {app="shop"} |= "error" | json | status >= 500                      LogSelector: matchers, stages
 *     sum by (app) (rate({app="shop"} | json | unwrap ms [5m])) / 2       MetricExpression: a tree with LogRanges as its leaves
 */
export type MatchOperator = '=' | '!=' | '=~' | '!~';
export type LineOperator = '|=' | '!=' | '|~' | '!~' | '|>' | '!>';
export type CompareOperator = '==' | '!=' | '>' | '>=' | '<' | '<=';

export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** What a line filter looks for: a text (or pattern), or an address in a range of addresses. */
export interface LineText {
  readonly ip: boolean;
  readonly value: string;
}

export type LabelFilter =
  | { readonly kind: 'and' | 'or'; readonly left: LabelFilter; readonly right: LabelFilter }
  | { readonly kind: 'text'; readonly matcher: Matcher }
  | { readonly kind: 'ip'; readonly name: string; readonly operator: '=' | '!='; readonly value: string }
  /** `value`: a number, nanoseconds, or bytes. */
  | {
      readonly kind: 'number' | 'duration' | 'bytes';
      readonly name: string;
      readonly operator: CompareOperator;
      readonly value: number;
    };

/** `first_server="servers[0]"`. */
export interface Extraction {
  readonly name: string;
  readonly expression: string;
}

export type LabelFormat =
  | { readonly kind: 'rename'; readonly name: string; readonly from: string }
  | { readonly kind: 'template'; readonly name: string; readonly template: string };

/** Of `drop` and `keep`: a label, or one that matches. */
export interface LabelTarget {
  readonly name: string;
  readonly matcher?: Matcher;
}

export type Stage =
  /** `|= "a" or "b"`. Of negated operators none of the texts may be there. */
  | { readonly kind: 'line'; readonly operator: LineOperator; readonly texts: readonly LineText[] }
  | { readonly kind: 'json'; readonly extractions: readonly Extraction[] }
  | {
      readonly kind: 'logfmt';
      readonly strict: boolean;
      readonly keepEmpty: boolean;
      readonly extractions: readonly Extraction[];
    }
  | { readonly kind: 'pattern' | 'regexp'; readonly pattern: string }
  | { readonly kind: 'unpack' | 'decolorize' }
  | { readonly kind: 'labels'; readonly filter: LabelFilter }
  | { readonly kind: 'lineFormat'; readonly template: string }
  | { readonly kind: 'labelFormat'; readonly formats: readonly LabelFormat[] }
  | { readonly kind: 'drop' | 'keep'; readonly targets: readonly LabelTarget[] };

export interface LogSelector {
  readonly kind: 'log';
  readonly matchers: readonly Matcher[];
  readonly stages: readonly Stage[];
}

export interface Unwrap {
  readonly label: string;
  readonly conversion?: 'bytes' | 'duration' | 'duration_seconds';
  /** Label filters behind it, which see the errors of the conversion. */
  readonly filters: readonly LabelFilter[];
}

export interface LogRange {
  readonly selector: LogSelector;
  readonly unwrap?: Unwrap;
  /** Nanoseconds, both. */
  readonly interval: number;
  readonly offset: number;
}

export interface Grouping {
  readonly without: boolean;
  readonly labels: readonly string[];
}

export const RANGE_OPERATIONS = [
  'rate',
  'rate_counter',
  'count_over_time',
  'bytes_rate',
  'bytes_over_time',
  'avg_over_time',
  'sum_over_time',
  'min_over_time',
  'max_over_time',
  'stdvar_over_time',
  'stddev_over_time',
  'quantile_over_time',
  'first_over_time',
  'last_over_time',
  'absent_over_time',
] as const;
export type RangeOperation = (typeof RANGE_OPERATIONS)[number];

export const VECTOR_OPERATIONS = [
  'sum',
  'avg',
  'max',
  'min',
  'count',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'sort',
  'sort_desc',
] as const;
export type VectorOperation = (typeof VECTOR_OPERATIONS)[number];

export const BINARY_OPERATORS = [
  'or',
  'and',
  'unless',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
] as const;
export type BinaryOperator = (typeof BINARY_OPERATORS)[number];

export interface VectorMatching {
  /** Of which labels: `on` those alone, `ignoring` all but those. */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** Which side may have several series for one of the other. */
  readonly many?: 'left' | 'right';
  /** Labels that are taken from the side that has one. */
  readonly include: readonly string[];
}

export type MetricExpression =
  | {
      readonly kind: 'range';
      readonly operation: RangeOperation;
      readonly range: LogRange;
      /** Of quantile_over_time. */
      readonly parameter?: number;
      readonly grouping?: Grouping;
    }
  | {
      readonly kind: 'aggregate';
      readonly operation: VectorOperation;
      readonly of: MetricExpression;
      /** Of topk and bottomk. */
      readonly parameter?: number;
      readonly grouping?: Grouping;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: MetricExpression;
      readonly right: MetricExpression;
      readonly bool: boolean;
      readonly matching?: VectorMatching;
    }
  | {
      readonly kind: 'labelReplace';
      readonly of: MetricExpression;
      readonly target: string;
      readonly replacement: string;
      readonly source: string;
      readonly pattern: string;
    }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'vector'; readonly value: number };

export type Query = LogSelector | MetricExpression;
