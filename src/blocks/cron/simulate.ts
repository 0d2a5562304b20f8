/**
 * What jobs would do over a stretch of time, without running them: how often each is due, when many are due at once, and what
 * changes of the clocks do to them.
 */
export { type ClockSurprise, clockSurprises } from './simulate/clock-surprises.js';
export { simulationJson } from './simulate/json.js';
export { type Collision, type JobLoad, MOST_SLOTS, type Simulation, simulate } from './simulate/load.js';
