/** A pipeline for each sink of a plan: claimed, with its sink open and its files where it was. */
import { logErrors } from '../errors.js';
import { DEFAULT_TENANT } from '../log-store.js';
import { Files } from '../store/agent/files.js';
import { type ClaimedPipeline, claimPipeline, type Holder, PipelineRow } from '../store/agent/pipelines.js';
import { requeueDeadLetters } from '../store/agent/requeue.js';
import { readTransforms } from '../transform/index.js';
import type { AgentContext } from './agent-context.js';
import { BufferedPipeline, WHEN_FULL } from './pipeline/buffered-pipeline.js';
import { commitPatiently } from './pipeline/patience.js';
import type { CheckpointKeeper, Pipeline } from './pipeline/pipeline.js';
import { type AgentStore, StorePipeline } from './pipeline/store-pipeline.js';
import type { ShipPlan } from './plan.js';
import { openSink, readSinkText, type SinkText } from './sinks/index.js';
import { fileLedger } from './sources/files/file-ledger.js';
import type { FileSource } from './sources/files/source.js';
import { fileSources, hasFiles } from './sources.js';

export interface PlannedPipeline {
  readonly pipeline: Pipeline;
  /** Its own: each pipeline reads files by itself. */
  readonly files: readonly FileSource[];
}

export interface OpenContext<Prepared> extends AgentContext {
  readonly store: AgentStore<Prepared>;
  readonly holder: Holder;
  /** The agent is to end: nothing is waited for any more. */
  readonly signal: AbortSignal;
}

/** A pipeline without files may be one of several that are alike: scripts that pipe into the same sink at the same time. */
const MOST_ALIKE = 100;

/** Errors: `log.bad_sink`, `log.bad_transform`, `log.pipeline_held`, `secret.unreadable`. What was opened is closed again then. */
export async function openPipelines<Prepared>(
  plan: ShipPlan,
  context: OpenContext<Prepared>,
): Promise<PlannedPipeline[]> {
  const sinks = plan.sinks.map(readSinkText);
  const names = sinks.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw logErrors.error('log.bad_sink', `${twice} is there twice`);
  const opened: PlannedPipeline[] = [];
  try {
    for (const sink of sinks) opened.push(await openOne(sink, plan, context));
    return opened;
  } catch (error) {
    for (const { pipeline } of opened) await pipeline.close();
    throw error;
  }
}

async function openOne<Prepared>(
  sink: SinkText,
  plan: ShipPlan,
  context: OpenContext<Prepared>,
): Promise<PlannedPipeline> {
  const { store, clock, random, tell, signal } = context;
  const { settings } = sink;
  // Read first: what is wrong in it is told before a row is made.
  const transforms = readTransforms(plan.transforms, { random, timezone: plan.timezone });
  const limits = {
    lingerMs: settings.duration('linger') ?? plan.lingerMs,
    capacityBytes: settings.size('buffer') ?? plan.bufferBytes,
    whenFull: settings.choice('when-full', WHEN_FULL) ?? plan.whenFull,
    timeoutMs: settings.duration('timeout') ?? plan.timeoutMs,
  };
  const delivery = sink.kind === 'store' ? undefined : await openSink(sink, context);
  const claim = await claimOne(sink, plan, delivery === undefined ? {} : limits, context).catch(async (error) => {
    await delivery?.close();
    throw error;
  });
  if (plan.deadLetters && delivery !== undefined) {
    const entries = requeueDeadLetters(store.sql, claim, clock.now());
    tell({ kind: 'note', of: claim.name, message: `${entries} dead letters are sent again` });
  }
  const files = new Files(store.sql, claim.id);
  const keeper: CheckpointKeeper = { save: (checkpoint) => files.save(checkpoint) };
  const common = { name: claim.name, claim, keeper, clock, random, tell, transforms, labels: plan.labels, ...limits };
  const pipeline =
    delivery === undefined
      ? new StorePipeline({ ...common, store, tenant: DEFAULT_TENANT })
      : new BufferedPipeline({ ...common, store, sink: delivery, forgets: isOfOneRun(sink, plan) });
  if (sink.kind === 'stdout' && pipeline.waiting > 0) {
    tell({ kind: 'note', of: claim.name, message: `${pipeline.waiting} entries of an earlier run come first` });
  }
  const row = new PipelineRow(store.sql, claim);
  const held = <T>(work: () => T) => {
    row.mustHold();
    return work();
  };
  const commit = <T>(work: () => T): Promise<T> =>
    commitPatiently(() => store.commit(() => held(work)), {
      clock,
      signal,
      onTrouble: ({ message }) => tell({ kind: 'trouble', of: claim.name, message }),
      onRecovered: () => tell({ kind: 'recovered', of: claim.name }),
    });
  return { pipeline, files: fileSources(plan, fileLedger(store.sql, claim.id, commit), context) };
}

/**
 * What a pipe or a command brought, and was not written to this stdout, is nothing for another one. What was read of files is: it is not
 * read again. Hence pipelines of their own.
 */
function isOfOneRun({ kind }: SinkText, plan: ShipPlan): boolean {
  return kind === 'stdout' && !hasFiles(plan);
}

/** Positions in files belong to one agent; without files, and into a buffer, the next free pipeline of that name does as well. */
async function claimOne<Prepared>(
  sink: SinkText,
  plan: ShipPlan,
  limits: { readonly capacityBytes?: number; readonly whenFull?: string },
  { store, holder, random }: OpenContext<Prepared>,
): Promise<ClaimedPipeline> {
  const ownName = isOfOneRun(sink, plan) ? `${sink.name} (live)` : sink.name;
  const wanted = plan.name === undefined ? ownName : `${plan.name}/${ownName}`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} (${number})`;
    const claim = await claimPipeline(store.sql, { name, sink: sink.name, ...limits }, holder, random);
    if (claim.claimed) return claim;
    if (hasFiles(plan) || number === MOST_ALIKE) {
      throw logErrors.error(
        'log.pipeline_held',
        `${name} is being shipped to by another ds log ship (pid ${claim.pid})`,
        {
          hint: 'give this one a name of its own: --name NAME',
          details: { pipeline: name, pid: claim.pid },
        },
      );
    }
  }
}
