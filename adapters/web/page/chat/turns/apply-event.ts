import type { Answer } from '../../api/api-types.js';
import type { AnswerEvent } from '../../api/call-events.js';
import { SAID } from '../sentences.js';
import type { ShownTurn } from './turn.js';

/** Only the waiting has ended: the answer is still being written. */
const GOES_ON: ReadonlySet<string> = new Set(['unavailable', 'answer-timeout']);

/** What a turn is after an event of its answer. Events of names not known change nothing. */
export function applyEvent(turn: ShownTurn, { event, data }: AnswerEvent): ShownTurn {
  switch (event) {
    case 'accepted':
      return { ...turn, turnId: data.turn_id };
    case 'queued':
      return { ...turn, ahead: data.ahead };
    case 'delta':
      return { ...turn, state: 'writing', ahead: 0, answer: turn.answer + data.text };
    case 'reset':
      return { ...turn, answer: '' };
    case 'done':
      return applyDone(turn, data);
    case 'error': {
      const { code, message } = data.error;
      return code === 'cancelled'
        ? { ...turn, state: 'stopped', notice: SAID.stopped }
        : { ...turn, state: 'failed', notice: message, broken: GOES_ON.has(code) };
    }
    default:
      return turn;
  }
}

function applyDone(turn: ShownTurn, done: Answer): ShownTurn {
  const stopped = done.finish_reason === 'stopped';
  return {
    ...turn,
    turnId: done.turn_id,
    answer: done.answer,
    state: stopped ? 'stopped' : 'done',
    ahead: 0,
    notice: stopped ? SAID.stopped : done.finish_reason === 'length' ? SAID.cut : '',
    model: done.model,
    replyTokens: done.usage.reply_tokens,
    firstTokenMs: done.first_token_ms,
    tokensPerSecond: done.tokens_per_second,
  };
}
