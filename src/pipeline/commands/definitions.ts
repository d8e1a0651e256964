import type { CommandDefinition, CommandOption } from '../../domain/commands.js';
import { SAMPLING_RANGES } from '../../domain/sampling.js';

function sampling(
  name: string,
  range: { min: number; max: number; whole: boolean },
  what: string,
): CommandOption {
  const { min, max, whole } = range;
  return { name, description: `${what} (${min} to ${max})`, type: whole ? 'whole' : 'number', min, max };
}

/** Every command, once for all platforms. The first option may be given bare where commands are text. */
export const COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'ask',
    description: 'Ask a question',
    options: [
      { name: 'question', description: 'What you would like to know', type: 'text', required: true },
      {
        name: 'model',
        description: 'Model to ask, for this question alone',
        type: 'text',
        suggest: 'models',
      },
    ],
  },
  {
    name: 'model',
    description: 'Show the models, or choose the one that answers here',
    options: [{ name: 'name', description: 'Model to use from now on', type: 'text', suggest: 'models' }],
  },
  {
    name: 'settings',
    description: 'Show the settings of this place, or change them',
    options: [
      { name: 'persona', description: 'Who the bot is here', type: 'text', suggest: 'personas' },
      {
        name: 'language',
        description: 'Language of the persona',
        type: 'text',
        choices: ['auto', 'en', 'zh'],
      },
      {
        name: 'memory',
        description: 'One memory for the channel, or one for each user',
        type: 'text',
        choices: ['channel', 'user'],
      },
      { name: 'follow_threads', description: 'Answer in threads without a new mention', type: 'yes-no' },
      sampling('temperature', SAMPLING_RANGES.temperature, 'How freely words are chosen'),
      sampling('top_k', SAMPLING_RANGES.topK, 'Keep the likeliest tokens; 0 keeps all'),
      sampling('top_p', SAMPLING_RANGES.topP, 'Keep tokens up to this total probability'),
      sampling('min_p', SAMPLING_RANGES.minP, 'Drop tokens below this share of the likeliest'),
      sampling('repeat_penalty', SAMPLING_RANGES.repeatPenalty, 'Weigh down repetition; 1 is off'),
      sampling('max_tokens', SAMPLING_RANGES.maxTokens, 'Longest reply in tokens'),
      sampling('seed', SAMPLING_RANGES.seed, 'Same seed, same answer'),
      { name: 'reset', description: 'Back to the defaults', type: 'yes-no' },
    ],
  },
  { name: 'clear', description: 'Forget this conversation', options: [] },
  { name: 'stop', description: 'Stop the reply being written', options: [] },
  { name: 'retry', description: 'Answer the last message again', options: [] },
  { name: 'usage', description: 'Show what you have used', options: [] },
  { name: 'forget-me', description: 'Erase all your messages, everywhere', options: [] },
  { name: 'help', description: 'Show what I can do', options: [] },
];
