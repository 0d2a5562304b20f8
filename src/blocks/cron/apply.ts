/**
 * Jobs as a file says they should be, a crontab or YAML:
 *
 *     jobs:
 *       - name: backup
 *         schedule: 30 2 * * *
 *         command: backup --all
 *       - name: report
 *         after: backup
 *         command: report
 */

export { changeJson, changeLines, changeRow } from './apply/change-words.js';
export { type Desired, type DesiredOptions, readDesired } from './apply/desired.js';
export {
  type ApplyOptions,
  type JobChange,
  type PlannedApply,
  planApply,
  refuseReplacing,
  sayNames,
} from './apply/plan.js';
