/** A selector ready to run: what the source is asked, which lines are looked at at all, and the pipeline for those. */
import { type EntryBatch, lineText, streamOf } from '../../entry-batch.js';
import type { LabelMatcher, RequiredText, RequiredValue, ScannedBatch } from '../../entry-source.js';
import { compileRegex } from '../../regex/index.js';
import { EntryLabels } from '../pipeline/entry-labels.js';
import type { Now } from '../pipeline/format-stages.js';
import { compileLinePattern } from '../pipeline/pattern.js';
import { compilePipeline } from '../pipeline/pipeline.js';
import type { EntryState, NeededLabels, StageFunction } from '../pipeline/stage.js';
import { compileMatchers, isSearchable, requiredTexts, requiredValues, storedLineFilters } from '../plan.js';
import type { LogSelector, Stage } from '../syntax/ast.js';
import { LineSearch } from './line-search.js';

type LineFilter = Extract<Stage, { kind: 'line' }>;

interface Prefilter {
  readonly text: string;
  /** The filter that the search for the text decides alone; it need not run again. */
  readonly decides: LineFilter | undefined;
}

export class CompiledSelector {
  readonly matchers: readonly LabelMatcher[];
  readonly required: readonly RequiredText[];
  readonly requiredValues: readonly RequiredValue[];
  /** Whether entries pass without a look at their lines, unless `search` leaves them out. */
  readonly isPlain: boolean;
  readonly #search: LineSearch | undefined;
  readonly #stages: readonly StageFunction[];
  readonly #state: EntryState & { readonly labels: EntryLabels } = {
    line: '',
    timestamp: 0n,
    labels: new EntryLabels(),
  };

  constructor(selector: LogSelector, needed: NeededLabels, now: Now) {
    this.matchers = compileMatchers(selector.matchers);
    this.required = requiredTexts(selector.stages);
    this.requiredValues = requiredValues(selector.stages);
    const prefilter = bestPrefilter(storedLineFilters(selector.stages));
    const stages = selector.stages.filter((stage) => stage !== prefilter?.decides);
    this.#search = prefilter === undefined ? undefined : new LineSearch(prefilter.text);
    this.#stages = compilePipeline(stages, needed, now);
    this.isPlain = stages.length === 0;
  }

  /** Indexes of the lines that may pass; undefined: all from `from` to `to`. */
  candidates(batch: EntryBatch, from: number, to: number): readonly number[] | undefined {
    return this.#search?.find(batch, from, to);
  }

  /** Runs an entry through the pipeline. What it gives back is good until the next one; undefined where the entry is filtered out. */
  process(batch: EntryBatch, index: number): (EntryState & { readonly labels: EntryLabels }) | undefined {
    const state = this.#state;
    state.line = lineText(batch, index);
    state.timestamp = batch.timestamps[index] ?? 0n;
    state.labels.reset(streamOf(batch, index), batch.metadata?.[index]);
    for (const stage of this.#stages) if (!stage(state)) return undefined;
    return state;
  }
}

export function isSelectedAt({ batch, selected }: ScannedBatch, index: number): boolean {
  return selected[batch.streamOf?.[index] ?? 0] === true;
}

/** The longest text that a filter asks for: likely the rarest. */
function bestPrefilter(filters: readonly LineFilter[]): Prefilter | undefined {
  let best: Prefilter | undefined;
  for (const filter of filters) {
    const found = prefilterOf(filter);
    if (found !== undefined && isSearchable(found.text) && found.text.length > (best?.text.length ?? 0)) best = found;
  }
  return best;
}

function prefilterOf(filter: LineFilter): Prefilter | undefined {
  const [only] = filter.texts;
  if (filter.texts.length !== 1 || only === undefined || only.ip) return undefined;
  if (filter.operator === '|=') return { text: only.value, decides: filter };
  if (filter.operator === '|~') return { text: compileRegex(only.value).requiredLiteral ?? '', decides: undefined };
  if (filter.operator !== '|>') return undefined;
  const { literals } = compileLinePattern(only.value);
  return { text: literals.reduce((a, b) => (b.length > a.length ? b : a), ''), decides: undefined };
}
