/**
 * Jobs as a file says they should be, a crontab or YAML with a list of them, or with jobs below their names:
 *
 *     jobs:
 *       - name: backup
 *         schedule: 30 2 * * *
 *         command: backup --all
 *       - name: report
 *         after: backup
 *         command: report
 *
 *     jobs:
 *       backup: {schedule: 30 2 * * *, command: backup --all}
 */

export { changeJson, sayChanges } from './apply/change-words.js';
export { type Desired, type DesiredOptions, pingKeysOf, readDesired, refuseEmptyPrune } from './apply/desired.js';
export {
  type ApplyOptions,
  type JobChange,
  type PlannedApply,
  planApply,
  refuseReplacing,
  sayNames,
} from './apply/plan.js';
