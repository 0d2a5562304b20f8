/** Jobs and runs as they are shown: as JSON, and in words. */
export { findRun } from './report/find-run.js';
export { followOutput } from './report/follow-output.js';
export { isLate, sayAction, sayPause, sayWhen } from './report/job-words.js';
export { OutputLines } from './report/output-lines.js';
export { pingUrl } from './report/ping-url.js';
export { RunFollower } from './report/run-follower.js';
export { attemptRow, runRow, sayRun } from './report/run-words.js';
export { isFinal } from './run.js';
export { attemptJson, chunkJson, jobJson, runJson, statusJson } from './wire/json.js';
