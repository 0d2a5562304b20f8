/** The agent's tables, for the schema of the store. */
import { FILE_TABLES } from './file-tables.js';
import { PIPELINE_TABLES } from './pipeline-tables.js';

/** SQL of version 1. */
export const AGENT_TABLES = PIPELINE_TABLES + FILE_TABLES;
