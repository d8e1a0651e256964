import { z } from 'zod';
import type { FinishReason, TokenUsage } from '../../../src/domain/turn.js';

const Count = z.number().int().min(0);

/** Some servers send a list of pieces, with hidden reasoning as pieces of its own. */
const Content = z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))]);

const Usage = z.object({
  prompt_tokens: Count,
  completion_tokens: Count,
  prompt_tokens_details: z.object({ cached_tokens: Count.nullish() }).nullish().catch(null),
});

/** Text that may be shown. Hidden reasoning is only noticed: a token has come, and it has no text. */
const Fragment = z
  .object({
    content: Content.nullish(),
    reasoning: z.unknown().optional(),
    reasoning_content: z.unknown().optional(),
  })
  .transform(({ content, reasoning, reasoning_content }) => ({
    text: shownText(content),
    isToken: [content, reasoning, reasoning_content].some(isFilled),
  }));

function isFilled(field: unknown): boolean {
  return (typeof field === 'string' || Array.isArray(field)) && field.length > 0;
}

function shownText(content: z.infer<typeof Content> | null | undefined): string {
  if (!Array.isArray(content)) return content ?? '';
  return content.map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join('');
}

/** One event of a chat completions stream. Fields of hidden reasoning are not read. */
export const AnswerChunk = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().default(0),
        delta: Fragment.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  // A reply is worth more than its count: usage of another form is as good as none.
  usage: Usage.nullish().catch(null),
});
export type AnswerChunk = z.infer<typeof AnswerChunk>;

/** An answer in one piece, from a server that does not stream. */
export const WholeAnswer = z.object({
  choices: z.array(z.object({ message: Fragment, finish_reason: z.string().nullish() })).min(1),
  usage: Usage.nullish().catch(null),
});

export function usageOf(chunk: AnswerChunk): TokenUsage | null {
  if (!chunk.usage) return null;
  const { prompt_tokens: prompt, completion_tokens: reply, prompt_tokens_details: details } = chunk.usage;
  return { prompt, cached: Math.min(details?.cached_tokens ?? 0, prompt), reply };
}

/** What an endpoint's reason to finish means; `broken` where the reply is not whole. */
export function finishReasonOf(reason: string): Exclude<FinishReason, 'stopped'> | 'broken' {
  switch (reason) {
    case 'length':
    case 'max_tokens':
    case 'model_length':
      return 'length';
    case 'content_filter':
    case 'content-filter':
    case 'safety':
      return 'content-filter';
    case 'error':
    case 'abort':
    case 'cancelled':
    case 'insufficient_system_resource':
      return 'broken';
    default:
      return 'stop';
  }
}
