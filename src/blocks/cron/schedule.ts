/** When a job is due: what its expression says, in its time zone. Brings croner, so it is loaded where it is used. */
export { type CompiledSchedule, compileSchedule, settleSchedule } from './schedule/compile.js';
