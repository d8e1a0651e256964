import { z } from '@hono/zod-openapi';
import type { Prompt, PromptMessage } from '../../../src/domain/prompt.js';
import { SAMPLING_NUMBERS, type SamplingOverrides, STOP_LIMITS } from '../../../src/domain/sampling.js';
import { ProblemError } from '../http/problem.js';
import { invalid } from '../http/read-request.js';

/** Messages of one request; the body's bytes bound their length. */
const MOST_MESSAGES = 1_000;
const SEEDS = SAMPLING_NUMBERS.seed.max + 1;

const ContentPart = z.looseObject({ type: z.string(), text: z.string().optional() });
const Message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(ContentPart)]).nullish(),
});
const StopText = z.string().min(1).max(STOP_LIMITS.length);
const within = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z.number().min(min).max(max).nullish();
const tokens = z.int().min(1).nullish();

/** What is read of a request; other fields are let be. */
export const ChatRequest = z
  .looseObject({
    model: z.string().min(1).max(200).optional().openapi({ description: 'An id of GET /v1/models.' }),
    messages: z.array(Message).min(1).max(MOST_MESSAGES),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    temperature: within(SAMPLING_NUMBERS.temperature),
    top_p: within(SAMPLING_NUMBERS.topP),
    max_tokens: tokens,
    max_completion_tokens: tokens,
    seed: z.int().nullish(),
    stop: z.union([StopText, z.array(StopText).max(STOP_LIMITS.count)]).nullish(),
    user: z.string().max(128).nullish(),
    n: z.int().min(1).max(128).nullish(),
    tools: z.array(z.unknown()).nullish(),
    functions: z.array(z.unknown()).nullish(),
    logprobs: z.boolean().nullish(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
    modalities: z.array(z.string()).nullish(),
  })
  .openapi('ChatCompletionRequest');

type Given = z.output<typeof ChatRequest>;

/** @throws {ProblemError} 400 where something is asked for that cannot be had: to leave it out would be a surprise */
export function requireSupported(given: Given): void {
  const refuse = (field: string, message: string): never => {
    throw new ProblemError(invalid([{ field, message }]));
  };
  if ((given.n ?? 1) > 1) refuse('n', 'must be 1: Parley gives one answer');
  if (given.tools?.length) refuse('tools', 'must be left out: Parley calls no tools');
  if (given.functions?.length) refuse('functions', 'must be left out: Parley calls no functions');
  if (given.logprobs) refuse('logprobs', 'must be left out: Parley tells no probabilities');
  if (given.modalities?.some((kind) => kind !== 'text')) refuse('modalities', 'must be text alone');
  if ((given.response_format?.type ?? 'text') !== 'text')
    refuse('response_format.type', 'must be text: Parley forces no other form');
}

/**
 * The messages as a prompt; neighbours of one role become one message, since many models' templates want them to take
 * turns.
 *
 * @throws {ProblemError} 400
 */
export function readPrompt(messages: Given['messages']): Prompt {
  const prompt: PromptMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const role = roleOf(message.role, index);
    const content = textOf(message.content, index);
    const last = prompt.at(-1);
    if (last?.role === role) prompt[prompt.length - 1] = { role, content: `${last.content}\n\n${content}` };
    else prompt.push({ role, content });
  }
  const last = prompt.at(-1);
  if (last?.role === 'user' && /[^\s\p{C}]/u.test(last.content)) return prompt;
  throw refused('messages', 'must end with a message of the user that says something');
}

function roleOf(role: string, index: number): PromptMessage['role'] {
  if (role === 'developer') return 'system';
  if (role === 'system' || role === 'user' || role === 'assistant') return role;
  throw refused(`messages.${index}.role`, 'must be one of system, developer, user, assistant');
}

function textOf(content: Given['messages'][number]['content'], index: number): string {
  if (typeof content === 'string') return content;
  return (content ?? [])
    .map((part, at) => {
      if (part.type === 'text' && part.text !== undefined) return part.text;
      throw refused(
        `messages.${index}.content.${at}`,
        'must be text: Parley reads no images, sounds or files',
      );
    })
    .join('\n');
}

function refused(field: string, message: string): ProblemError {
  return new ProblemError(invalid([{ field, message }]));
}

export function readSampling(given: Given): SamplingOverrides {
  const longest = given.max_completion_tokens ?? given.max_tokens;
  return {
    ...(given.temperature != null && { temperature: given.temperature }),
    ...(given.top_p != null && { topP: given.top_p }),
    // Programs ask for as much as they can take: more than there is means all there is.
    ...(longest != null && { maxTokens: Math.min(longest, SAMPLING_NUMBERS.maxTokens.max) }),
    ...(given.seed != null && { seed: ((given.seed % SEEDS) + SEEDS) % SEEDS }),
    ...(given.stop != null && { stop: typeof given.stop === 'string' ? [given.stop] : given.stop }),
  };
}
