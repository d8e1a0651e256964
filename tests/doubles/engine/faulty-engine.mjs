/*
 * Speaks an engine's protocol and fails in the way that the model's path names: `abort-on-load`, `hang-on-load`,
 * `deaf` (loads, then answers nothing), `standing` (answers pings with a batch that never ends), `rude` (ignores
 * that it should leave), `saving` (told to retire, saves until SIGTERM).
 */
import path from 'node:path';

let fault = '';
const INFO = { pid: process.pid, contextSize: 100, slots: 1, threads: 1, gpu: false, loadMs: 1 };
const STATS = {
  promptTokensEvaluated: 0,
  promptTokensReused: 0,
  replyTokens: 0,
  batches: 0,
  statesSaved: 0,
  statesRestored: 0,
  busySlots: 1,
  waiting: 0,
  memoryBytes: 1,
  peakMemoryBytes: 1,
};

process.on('message', (message) => {
  if (message.type === 'load') {
    fault = path.basename(message.options.path);
    if (fault === 'abort-on-load') process.abort();
    if (fault !== 'hang-on-load') process.send({ type: 'ready', info: INFO });
  }
  if (message.type === 'ping' && fault !== 'deaf')
    process.send({
      type: 'pong',
      id: message.id,
      stats: { ...STATS, stalledMs: fault === 'standing' ? 3_600_000 : 0 },
    });
  if (message.type === 'shutdown' && fault !== 'rude') process.exit(0);
});
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
