import { z } from '@hono/zod-openapi';
import type { FinishReason, TokenUsage, TurnId, TurnOutcome } from '../../../src/domain/turn.js';

const Usage = z.object({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
  prompt_tokens_details: z.object({ cached_tokens: z.int().min(0) }),
});

export const ChatCompletion = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int().openapi({ description: 'Seconds since 1970.' }),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.literal(0),
        message: z.object({
          role: z.literal('assistant'),
          content: z.string(),
          refusal: z.null(),
        }),
        logprobs: z.null(),
        finish_reason: z.enum(['stop', 'length', 'content_filter']),
      }),
    ),
    usage: Usage,
  })
  .openapi('ChatCompletion');

/** One answer as its client knows it. */
export interface ChatIdentity {
  readonly turnId: TurnId;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  /** The alias asked for. */
  readonly model: string;
}

const FINISH_REASONS: Readonly<Record<FinishReason, 'stop' | 'length' | 'content_filter'>> = {
  stop: 'stop',
  stopped: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
};

export function completionBody(
  chat: ChatIdentity,
  outcome: Extract<TurnOutcome, { state: 'done' }>,
): z.output<typeof ChatCompletion> {
  return {
    ...head(chat, outcome.model),
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: outcome.reply, refusal: null },
        logprobs: null,
        finish_reason: FINISH_REASONS[outcome.finishReason],
      },
    ],
    usage: usageBody(outcome.usage),
  };
}

/** A fragment of an answer; the last has a reason and no text. */
export function chunkBody(
  chat: ChatIdentity,
  delta: { readonly role?: 'assistant'; readonly content?: string },
  finished: FinishReason | null = null,
) {
  const finish_reason = finished === null ? null : FINISH_REASONS[finished];
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
  return { ...head(chat, chat.model), object: 'chat.completion.chunk', choices };
}

export function usageChunk(chat: ChatIdentity, usage: TokenUsage) {
  const rest = { object: 'chat.completion.chunk', choices: [], usage: usageBody(usage) };
  return { ...head(chat, chat.model), ...rest };
}

function head({ turnId, createdMs }: ChatIdentity, model: string) {
  return { id: `chatcmpl-${turnId}`, created: Math.floor(createdMs / 1000), model };
}

function usageBody({ prompt, cached, reply }: TokenUsage): z.output<typeof Usage> {
  return {
    prompt_tokens: prompt,
    completion_tokens: reply,
    total_tokens: prompt + reply,
    prompt_tokens_details: { cached_tokens: cached },
  };
}
