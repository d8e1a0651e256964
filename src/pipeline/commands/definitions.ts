import type { CommandDefinition, CommandOption } from '../../domain/commands.js';
import { forEachNumber, type NumberName, SAMPLING_NUMBERS } from '../../domain/sampling.js';

const SAMPLING_SAID: Readonly<Record<NumberName, string>> = {
  temperature: 'How freely words are chosen',
  topK: 'Keep the likeliest tokens; 0 keeps all',
  topP: 'Keep tokens up to this total probability',
  minP: 'Drop tokens below this share of the likeliest',
  repeatPenalty: 'Weigh down repetition; 1 is off',
  maxTokens: 'Longest reply in tokens',
  seed: 'Same seed, same answer',
};

const SAMPLING_OPTIONS = forEachNumber(
  SAMPLING_NUMBERS,
  ({ wire, min, max, whole }, name): CommandOption => ({
    name: wire,
    description: `${SAMPLING_SAID[name]} (${min} to ${max})`,
    type: whole ? 'whole' : 'number',
    min,
    max,
  }),
);

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
      ...Object.values(SAMPLING_OPTIONS),
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
