/** The agent's tables, for the schema of the store. */
import { PIPELINE_TABLES } from './pipeline-tables.js';

/** SQL of version 1. */
export const AGENT_TABLES = PIPELINE_TABLES;
