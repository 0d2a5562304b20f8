/** When a job is due: what its expression says, in its time zone. Brings croner, so it is loaded where it is used. */
export { type CompiledSchedule, compileSchedule, settleSchedule } from './schedule/compile.js';
export { describeSchedule } from './schedule/describe.js';
export { nextSlots } from './schedule/next-slots.js';
export { readInstant } from './schedule/read-instant.js';
export { MACHINE_TIME_ZONE } from './schedule/time-zone.js';
export { type DueTime, upcoming } from './schedule/upcoming.js';
