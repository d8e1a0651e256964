import { z } from '@hono/zod-openapi';
import { forEachOnWire, SAMPLING_NUMBERS } from '../../../src/domain/sampling.js';
import { PROBLEM_CODES } from './problem.js';
import { VoteCall } from './request-schemas.js';

const Whole = z.int().min(0);

const FirstTokenMs = z.number().nullable().openapi({ description: 'Milliseconds until the model began.' });
const TokensPerSecond = z.number().nullable().openapi({ description: 'Of the answer, after its first.' });

export const Usage = z
  .object({
    prompt_tokens: Whole,
    cached_tokens: Whole.openapi({ description: 'Of the prompt tokens, those not evaluated again.' }),
    reply_tokens: Whole,
  })
  .openapi('Usage');

const FinishReason = z.enum(['stop', 'length', 'stopped', 'content-filter']).openapi('FinishReason', {
  description: '`length`: max_tokens or the context window was reached. `stopped`: by a person.',
});

export const Answer = z
  .object({
    answer: z.string(),
    conversation_id: z.string(),
    turn_id: Whole,
    model: z.string().openapi({ description: 'The alias that answered.' }),
    usage: Usage,
    finish_reason: FinishReason,
    first_token_ms: FirstTokenMs,
    tokens_per_second: TokensPerSecond,
  })
  .openapi('Answer');

export const ErrorBody = z
  .object({
    error: z.object({
      code: z.enum(PROBLEM_CODES),
      message: z.string().openapi({ description: 'One sentence for people.' }),
      issues: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
      kind: z.string().optional().openapi({ description: 'Why the answer failed.' }),
      retry_after: z.int().min(1).optional().openapi({ description: 'Seconds, as in Retry-After.' }),
      turn_id: Whole.optional(),
      conversation_id: z.string().optional(),
    }),
  })
  .openapi('Error');

export const ANSWER_EVENTS_TEXT = `With \`Accept: text/event-stream\` the answer streams as server-sent events. \`event\` is the name of each, \`data\` its one line of JSON:

- \`accepted\`: comes first
- \`queued\`: this many answers come before
- \`delta\`: append it
- \`reset\`: drop the text so far, the answer begins again
- \`done\`: the whole answer, as the JSON response has it; comes last
- \`error\`: comes last instead of \`done\`

Comment lines keep the connection alive. A client that goes away stops the answer, unless it asked with \`keep_going\`.`;

export const AnswerEvent = z
  .union([
    z.object({
      event: z.literal('accepted'),
      data: z.object({ conversation_id: z.string(), turn_id: Whole }),
    }),
    z.object({ event: z.literal('queued'), data: z.object({ ahead: Whole }) }),
    z.object({ event: z.literal('delta'), data: z.object({ text: z.string() }) }),
    z.object({ event: z.literal('reset'), data: z.object({}) }),
    z.object({ event: z.literal('done'), data: Answer }),
    z.object({ event: z.literal('error'), data: ErrorBody }),
  ])
  .openapi('AnswerEvent', { description: ANSWER_EVENTS_TEXT });

export const SetParameters = z
  .object({
    ...forEachOnWire(SAMPLING_NUMBERS, () => z.number().optional()),
    stop: z.array(z.string()).optional(),
  })
  .openapi('SetParameters', { description: 'Those that are set.' });

const Vote = z.union([z.literal(-1), z.literal(1)]);

export const Conversation = z
  .object({
    conversation_id: z.string(),
    turns: z
      .array(
        z.object({
          turn_id: Whole,
          state: z.enum(['pending', 'running', 'done', 'failed', 'cancelled']),
          user_id: z.string(),
          question: z.string(),
          quoted: z.object({ author: z.string(), text: z.string() }).nullable(),
          answer: z.string(),
          model: z.string().nullable(),
          persona: z.string().nullable().openapi({ description: 'Who answered, where known.' }),
          finish_reason: z.union([FinishReason, z.null()]),
          usage: Usage,
          first_token_ms: FirstTokenMs,
          tokens_per_second: TokensPerSecond,
          vote: Vote.nullable().openapi({ description: '1 or -1, of `user_id`; null without.' }),
          comment: z.string().nullable(),
          failure: z.object({ kind: z.string(), message: z.string() }).nullable(),
          asked_at: z.iso.datetime(),
          finished_at: z.iso.datetime().nullable(),
        }),
      )
      .openapi({ description: 'Oldest first.' }),
    earlier: Whole.nullable().openapi({ description: 'Pass it as `before` for the turns before these.' }),
  })
  .openapi('Conversation');

export const ExportedConversation = z
  .object({
    conversation_id: z.string(),
    title: z.string().nullable(),
    exported_at: z.iso.datetime(),
    whole: z.boolean().openapi({ description: 'False where there were more turns, before these.' }),
    turns: Conversation.shape.turns,
  })
  .openapi('ExportedConversation');

export const ListedConversation = z
  .object({
    conversation_id: z.string(),
    title: z.string().nullable().openapi({
      description: 'As given, or the first question cut short; null where all was forgotten.',
    }),
    turns: Whole.openapi({ description: 'That are remembered.' }),
    updated_at: z.iso.datetime(),
    created_at: z.iso.datetime(),
  })
  .openapi('ListedConversation');

export const Conversations = z
  .object({
    conversations: z.array(ListedConversation).openapi({ description: 'Newest first.' }),
    earlier: Whole.nullable().openapi({ description: 'Pass it as `before` for the ones before these.' }),
  })
  .openapi('Conversations');

export const Forgotten = z
  .object({ conversation_id: z.string(), forgotten: Whole.openapi({ description: 'Turns forgotten.' }) })
  .openapi('Forgotten');

const CommandOption = z.object({
  name: z.string(),
  description: z.string(),
  type: z.enum(['text', 'whole', 'number', 'yes-no']),
  required: z.boolean().optional(),
  choices: z.array(z.string()).optional(),
  suggest: z.enum(['models', 'personas']).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});

export const Commands = z
  .object({
    commands: z.array(
      z.object({ name: z.string(), description: z.string(), options: z.array(CommandOption) }),
    ),
  })
  .openapi('Commands');

export const Notice = z
  .object({ notice: z.string().openapi({ description: 'Markdown.' }), conversation_id: z.string() })
  .openapi('Notice');

export const Stopped = z
  .object({
    turn_id: Whole,
    stopped: z.boolean().openapi({ description: 'False where the turn had ended already.' }),
  })
  .openapi('Stopped');

export const Voted = z.object({ turn_id: Whole, vote: VoteCall.shape.vote }).openapi('Voted');

export const Alive = z.object({ status: z.literal('ok') }).openapi('Alive');

export const Readiness = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), reason: z.string().optional() })),
  })
  .openapi('Readiness');
