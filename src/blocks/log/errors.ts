/** Error codes of the logs. */
import { defineErrors } from '../../platform/errors.js';

export const logErrors = defineErrors({
  'log.bad_query': { kind: 'usage', meaning: 'The text is no LogQL query, or one that ds log does not have.' },
  'log.query_limit': {
    kind: 'usage',
    meaning: 'A query would need more than it may have: series, points, samples, or bytes that are held or answered.',
  },
  'log.pipeline_error': {
    kind: 'usage',
    meaning: 'An entry cannot be counted on: its line could not be parsed, or a value could not be read.',
  },
  'log.bad_pattern': { kind: 'usage', meaning: 'A regular expression is wrong, or too large.' },
  'log.unreadable_file': {
    kind: 'usage',
    meaning: 'A file of logs cannot be read, or is compressed in a way that ds log does not know.',
  },
  'log.damaged_file': {
    kind: 'storage',
    meaning: 'A file of logs is cut or damaged, and was read up to there; others were read.',
  },
  'log.bad_transform': {
    kind: 'usage',
    meaning: 'A step of --transform or of ds.yaml is unknown or has a value that cannot be used.',
  },
  'log.bad_timezone': { kind: 'usage', meaning: 'A time zone is neither a name of the IANA database nor an offset.' },
  'log.bad_body': { kind: 'usage', meaning: 'What was pushed cannot be decoded, or is not of the form that it says.' },
  'log.too_large': {
    kind: 'usage',
    meaning: 'What was pushed is larger than ds log serve takes at once, or an entry larger than can be stored.',
  },
  'log.damaged_block': { kind: 'storage', meaning: 'A stored block of entries is damaged; others can still be read.' },
  'log.bad_sql': { kind: 'usage', meaning: 'A query in SQL is no single SELECT, or is wrong.' },
  'log.block_gone': {
    kind: 'storage',
    meaning: 'A reading was held up for so long that a block that it had still to read was merged or removed.',
  },
  'log.unknown_codec': {
    kind: 'storage',
    meaning: 'A stored block is compressed in a way that this ds does not have.',
  },
  'log.bad_time': {
    kind: 'usage',
    meaning: 'The time that a query is about cannot be read, or ends before it begins.',
  },
  'log.unreachable': { kind: 'peer', meaning: 'The server of logs could not be reached, or did not answer in time.' },
  'log.refused': {
    kind: 'peer',
    meaning: 'The server of logs refused: the token, the tenant, a limit, or what was asked.',
  },
  'log.bad_answer': {
    kind: 'peer',
    meaning: 'What the server answered is not what Loki answers, or is more than is read.',
  },
  'log.bad_url': { kind: 'usage', meaning: 'The URL names no server that can be asked for logs.' },
  'log.damaged_buffer': { kind: 'storage', meaning: 'A batch that waits for a sink, or a dead letter, is damaged.' },
  'log.bad_sink': { kind: 'usage', meaning: 'Where logs are to be sent to is no sink that ds log has.' },
  'log.bad_source': { kind: 'usage', meaning: 'Where logs are to be read from is no source that ds log has.' },
  'log.bad_pipeline': { kind: 'usage', meaning: 'The pipelines of ds.yaml say something that cannot be used.' },
  'log.pipeline_held': { kind: 'storage', meaning: 'Another process runs the same pipeline on the same file.' },
  'log.bad_target': { kind: 'usage', meaning: 'What was named cannot be asked for this: files, a store or a server.' },
  'log.bad_glob': {
    kind: 'usage',
    meaning: 'A pattern of paths stands for too many patterns, or matches too many files.',
  },
  'log.bad_parameter': {
    kind: 'usage',
    meaning: 'A parameter of a request to ds log serve is missing, or cannot be read.',
  },
  'log.bad_tokens_file': { kind: 'usage', meaning: 'The file of tokens cannot be read, or has a line that is none.' },
  'log.forbidden': { kind: 'peer', meaning: 'Who asks is known, and may not do this.' },
  'log.limited': { kind: 'no', meaning: 'A tenant pushes more than it may; it is told when to try again.' },
  'log.overloaded': {
    kind: 'no',
    meaning: 'ds log serve has too much to do; whoever asked is told when to try again.',
  },
  'log.bad_export': {
    kind: 'usage',
    meaning: 'The file that entries are to be exported to is there already, or cannot be made.',
  },
  'log.export_failed': {
    kind: 'storage',
    meaning:
      'The file that entries were exported to could not be written to its end: no room is left, or the disk failed.',
  },
  'log.not_taken': { kind: 'peer', meaning: 'A sink did not take entries that were replayed, after several attempts.' },
});
