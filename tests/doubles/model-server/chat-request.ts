import { z } from 'zod';

/** What OpenAI's chat completions endpoint takes, as far as a chat bot uses it, with the common extensions. */
export const ChatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(1),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().optional() }).optional(),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  /** OpenAI takes no more than four. */
  stop: z.array(z.string().min(1)).max(4).optional(),
  top_k: z.int().min(0).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repetition_penalty: z.number().min(0).optional(),
  repeat_penalty: z.number().min(0).optional(),
});

export type ChatRequest = z.infer<typeof ChatRequest>;
