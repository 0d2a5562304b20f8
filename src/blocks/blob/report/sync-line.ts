/** What a sync does, would do or could not do, a line for each: one shape of plans and of what became of them. */
import { present } from '../../../platform/present.js';
import type { SyncEvent, SyncStep, SyncSummary } from '../transfer.js';
import { sayObjects } from './words.js';

export interface SyncLine {
  readonly action: SyncStep['action'];
  readonly path: string;
  /** Why it failed. */
  readonly problem: string | undefined;
  readonly json: object;
  /** Action, path, and what there is to say of it: between tabs. */
  readonly cells: readonly (string | number | undefined)[];
}

/** Of a step that is planned, or of what became of one. */
export function syncLine(what: SyncStep | SyncEvent): SyncLine {
  const step = 'action' in what ? what : stepOf(what);
  const { action, path } = step;
  if (action === 'fail') {
    const { code, message } = step.error;
    const json = { action, path, error: { code, message } };
    return { action, path, problem: message, json, cells: [action, path, message] };
  }
  const size = 'size' in step ? step.size : undefined;
  const reason = 'reason' in step ? step.reason : undefined;
  const json = present({ action, path, size_bytes: size, reason });
  return { action, path, problem: undefined, json, cells: [action, path, size ?? reason] };
}

/** As {@link SyncStep} has it, without the reason, which is the plan's. */
function stepOf(event: SyncEvent) {
  const { kind, path } = event;
  if (kind === 'failed') return { action: 'fail', path, error: event.error } as const;
  return { action: kind === 'copied' ? 'copy' : 'delete', path, size: event.size } as const;
}

export function syncSummaryJson({ copied, copiedBytes, deleted, same, skipped, failed, heldDeletions }: SyncSummary) {
  return { copied, copied_bytes: copiedBytes, deleted, same, skipped, failed, held_deletions: heldDeletions };
}

/** `3 objects (1.2 MiB) copied, 0 removed, 12 were the same` */
export function saySyncSummary({ copied, copiedBytes, deleted, same, failed }: SyncSummary): string {
  const parts = [`${sayObjects(copied, copiedBytes)} copied`, `${deleted} removed`, `${same} were the same`];
  return [...parts, ...(failed === 0 ? [] : [`${failed} failed`])].join(', ');
}
