import { z } from '@hono/zod-openapi';
import {
  forEachOnWire,
  type NumberName,
  SAMPLING_NUMBERS,
  STOP_LIMITS,
} from '../../../src/domain/sampling.js';
import { SYSTEM_PROMPT_LENGTH } from '../../../src/domain/settings.js';

/** Largest body, in bytes. */
export const BODY_LIMIT = 256 * 1024;

const NO_CONTROLS = /^[^\p{Cc}\p{Cs}]*$/u;

/** PostgreSQL stores no NUL, and half of a surrogate pair is no character. */
const wellFormed = (text: string) => text.isWellFormed() && !text.includes('\0');
const WELL_FORMED = 'must be well-formed Unicode without NUL characters';

/** One line of visible text. @param max - UTF-16 code units */
export const plainName = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => NO_CONTROLS.test(text) && text.trim() !== '', {
      error: 'must be visible text without control characters',
    });

export const UserId = plainName(128).openapi({
  description: 'Who asks, as your application knows them. Tells people in one conversation apart.',
  example: 'u-1842',
});

export const ConversationIdText = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}$/, {
    error: 'must be 1 to 128 letters, digits or . _ : ~ - and begin with a letter or digit',
  })
  .openapi({
    description:
      'Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.',
    example: '0b7cbd2a-5c0b-4a5e-9c0f-6b0f5b0c8f11',
  });

const PARAMETERS_SAID: Readonly<Record<NumberName, string>> = {
  temperature: '0 always takes the likeliest token.',
  topK: 'Keep the k likeliest tokens; 0 keeps all.',
  topP: 'Keep the likeliest tokens that together have this probability.',
  minP: 'Drop tokens below this share of the likeliest one.',
  repeatPenalty: '1 turns it off.',
  maxTokens: 'Longest answer, in tokens.',
  seed: 'The same seed, question and memory give the same answer on a local model.',
};

const ParameterNumbers = forEachOnWire(SAMPLING_NUMBERS, ({ min, max, whole }, name) =>
  (whole ? z.int() : z.number()).min(min).max(max).optional().openapi({ description: PARAMETERS_SAID[name] }),
);

const StopText = z.string().min(1).max(STOP_LIMITS.length).refine(wellFormed, { error: WELL_FORMED });

export const Parameters = z
  .strictObject({
    ...ParameterNumbers,
    stop: z
      .union([StopText, z.array(StopText).max(STOP_LIMITS.count)])
      .optional()
      .openapi({ description: 'Texts that end the answer; not part of it.' }),
  })
  .openapi('Parameters', { description: 'How the next token is chosen, for this answer alone.' });

/** Null takes a parameter back. */
export const ParametersChange = z
  .strictObject({
    ...forEachOnWire(SAMPLING_NUMBERS, ({ wire }) => ParameterNumbers[wire].nullable()),
    stop: Parameters.shape.stop.nullable(),
  })
  .openapi('ParametersChange', { description: 'What is left out stays as it is; null takes one back.' });

export const LANGUAGES = ['auto', 'en', 'zh'] as const;

export const ConversationSettingsChange = z
  .strictObject({
    model: z.string().max(200).nullable().optional().openapi({ description: 'An alias of GET /api/models.' }),
    persona: z
      .string()
      .max(200)
      .nullable()
      .optional()
      .openapi({ description: 'A name of GET /api/options.' }),
    language: z.enum(LANGUAGES).nullable().optional(),
    system_prompt: z
      .string()
      .max(SYSTEM_PROMPT_LENGTH)
      .refine(wellFormed, { error: WELL_FORMED })
      .nullable()
      .optional()
      .openapi({ description: 'Stands for the persona’s own. Blank takes it back, as null does.' }),
    parameters: ParametersChange.nullable().optional().openapi({ description: 'Null takes all back.' }),
  })
  .openapi('ConversationSettingsChange', {
    description: 'What is left out stays as it is; null takes it back, so that the default holds again.',
  });

const KeepGoing = z.boolean().optional().openapi({
  description:
    'True: a client that goes away does not stop the answer, which is then in the conversation. False where left out.',
});

export const Question = z
  .strictObject({
    question: z
      .string()
      .refine(wellFormed, { error: WELL_FORMED })
      .openapi({ description: 'What to ask.', example: 'Why is the sky blue?' }),
    user_id: UserId,
    conversation_id: ConversationIdText.optional(),
    model: plainName(200).optional().openapi({ description: 'An alias of GET /api/models.' }),
    parameters: Parameters.optional(),
    replaces: z.int().min(1).max(2_147_483_647).optional().openapi({
      description:
        'The `turn_id` of an earlier question of the conversation: that turn and all after it are forgotten, and this question stands in their place.',
    }),
    keep_going: KeepGoing,
  })
  .openapi('Question');

export const CommandCall = z
  .strictObject({
    user_id: UserId,
    conversation_id: ConversationIdText.optional(),
    values: z
      .record(
        z.string(),
        z.union([z.string().refine(wellFormed, { error: WELL_FORMED }), z.number(), z.boolean()]),
      )
      .optional()
      .openapi({ description: "The command's options by name; GET /api/commands lists them." }),
  })
  .openapi('CommandCall');

export const TurnCall = z
  .strictObject({ user_id: UserId, conversation_id: ConversationIdText })
  .openapi('TurnCall');

export const RegenerationCall = TurnCall.extend({ keep_going: KeepGoing }).openapi('RegenerationCall');

export const TurnQuery = z.strictObject({ conversation_id: ConversationIdText });

export const VoteCall = TurnCall.extend({
  vote: z
    .union([z.literal(-1), z.literal(0), z.literal(1)])
    .openapi({ description: '1 is 👍, -1 is 👎, 0 takes it back.' }),
  comment: z.string().max(2_000).refine(wellFormed, { error: WELL_FORMED }).optional().openapi({
    description:
      'Why, in the words of the person. Empty takes it back; left out, the same vote keeps the one it has.',
  }),
}).openapi('VoteCall');

export const ConversationChange = z
  .strictObject({
    title: plainName(200)
      .nullable()
      .openapi({ description: 'Null takes it back: the first question stands for it.' }),
  })
  .openapi('ConversationChange');

export const ListQuery = z.strictObject({
  user_id: UserId,
  search: z.string().max(200).refine(wellFormed, { error: WELL_FORMED }).optional().openapi({
    description:
      'Only conversations whose title, questions or answers hold this, in any case of letters, among the newest 1,000.',
  }),
  before: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, { error: 'must be the `earlier` of the page before' })
    .transform(Number)
    .optional()
    .openapi({ description: 'The `earlier` of the page before.' }),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, { error: 'must be a whole number from 1 to 100' })
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .optional()
    .openapi({ description: 'Conversations on a page; 50 where left out.' }),
});

export const ExportQuery = z.strictObject({
  format: z.enum(['json', 'markdown']).optional().openapi({ description: 'json where left out.' }),
  user_id: UserId.optional().openapi({ description: 'Whose votes are in it.' }),
});

export const PageQuery = z.strictObject({
  before: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, { error: 'must be a turn id: the `earlier` of the page before' })
    .transform(Number)
    .optional()
    .openapi({ description: 'Only turns before this one.' }),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, { error: 'must be a whole number from 1 to 200' })
    .transform(Number)
    .pipe(z.int().min(1).max(200))
    .optional()
    .openapi({ description: 'Turns on a page; 50 where left out.' }),
  user_id: UserId.optional().openapi({ description: 'Whose votes are shown.' }),
});
