import { catchUp } from '../conversations/answer-text.js';
import { type WatchDependencies, watchTurn } from '../conversations/watch-turn.js';
import { type Problem, problemOfOutcome } from '../http/problem.js';
import { type ChatIdentity, chunkBody, usageChunk } from './chat-answer.js';
import { openAiBody } from './openai-problem.js';

export interface ChatEventsOptions {
  readonly chat: ChatIdentity;
  /** A last chunk tells the usage. */
  readonly withUsage: boolean;
  readonly signal: AbortSignal;
  readonly problemOf: (error: unknown) => Problem;
}

/** A stream says something at least this often, in ms. */
const KEEP_ALIVE_MS = 15_000;

/** The answer as events of the OpenAI API. A client of it can only append: an answer that begins anew ends the stream. */
export async function* chatEvents(
  dependencies: WatchDependencies,
  { chat, withUsage, signal, problemOf }: ChatEventsOptions,
): AsyncGenerator<string, void> {
  const { clock } = dependencies;
  let sent = '';
  let saidAt = clock.now();
  const text = (target: string, final: boolean): string | Problem => {
    const step = catchUp(sent, target, final);
    if (step.reset && sent !== '') return BEGAN_ANEW;
    sent = step.sent;
    return step.delta === '' ? '' : event(chunkBody(chat, { content: step.delta }));
  };
  try {
    yield event(chunkBody(chat, { role: 'assistant', content: '' }));
    for await (const news of watchTurn(dependencies, chat.turnId, signal)) {
      let out: string | Problem = '';
      if (news.type === 'text') out = text(news.text, false);
      else if (news.type === 'ended' && news.outcome.state !== 'done') out = problemOfOutcome(news.outcome);
      else if (news.type === 'ended' && news.outcome.state === 'done') {
        const { finishReason, reply, usage } = news.outcome;
        out = text(reply, true);
        if (typeof out === 'string') {
          out += event(chunkBody(chat, {}, finishReason));
          if (withUsage) out += event(usageChunk(chat, usage));
          out += DONE;
        }
      } else if (clock.now() - saidAt >= KEEP_ALIVE_MS) out = ': keep-alive\n\n';
      if (typeof out !== 'string') {
        yield event(openAiBody(out));
        return;
      }
      if (out === '') continue;
      yield out;
      saidAt = clock.now();
    }
  } catch (error) {
    yield event(openAiBody(problemOf(error)));
  }
}

const DONE = 'data: [DONE]\n\n';

const BEGAN_ANEW: Problem = {
  status: 503,
  code: 'unavailable',
  message: 'The answer had to begin anew after its beginning was sent; ask again.',
};

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
