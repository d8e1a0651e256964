import type { ServerEvent } from '../../api/event-stream.js';
import { SAID } from '../sentences.js';
import type { ShownTurn } from './turn.js';

interface DoneData {
  readonly answer: string;
  readonly turn_id: number;
  readonly model: string;
  readonly usage: { readonly reply_tokens: number };
  readonly finish_reason: string;
  readonly first_token_ms: number | null;
  readonly tokens_per_second: number | null;
}

interface ErrorData {
  readonly error: { readonly code: string; readonly message: string };
}

/** Only the waiting has ended: the answer is still being written. */
const GOES_ON: ReadonlySet<string> = new Set(['unavailable', 'answer-timeout']);

/** What a turn is after an event of its answer. Events of names not known change nothing. */
export function applyEvent(turn: ShownTurn, event: ServerEvent): ShownTurn {
  switch (event.name) {
    case 'accepted':
      return { ...turn, turnId: (event.data as { turn_id: number }).turn_id };
    case 'queued':
      return { ...turn, ahead: (event.data as { ahead: number }).ahead };
    case 'delta': {
      const { text } = event.data as { text: string };
      return { ...turn, state: 'writing', ahead: 0, answer: turn.answer + text };
    }
    case 'reset':
      return { ...turn, answer: '' };
    case 'done':
      return applyDone(turn, event.data as DoneData);
    case 'error': {
      const { code, message } = (event.data as ErrorData).error;
      return code === 'cancelled'
        ? { ...turn, state: 'stopped', notice: SAID.stopped }
        : { ...turn, state: 'failed', notice: message, broken: GOES_ON.has(code) };
    }
    default:
      return turn;
  }
}

function applyDone(turn: ShownTurn, done: DoneData): ShownTurn {
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
