import type { ParameterName, ParameterRange } from './options.js';

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 4 });
const characters = (count: number) => (count === 1 ? '1 character' : `${number.format(count)} characters`);

/** What the settings of a conversation say to people. */
export const SETTING_SAID = {
  open: 'Settings',
  title: 'Settings',
  close: 'Close the settings',
  hint: 'For this conversation, from the next question on.',
  loading: 'Reading the settings…',
  saving: 'Saving…',
  saved: 'Saved.',
  unsaved: 'Not saved.',
  tryAgain: 'Try again',
  persona: 'Persona',
  byDefault: (name: string) => `Default: ${name}`,
  personaReplaced: 'The system prompt below stands in its place.',
  language: 'Language',
  gone: (name: string) => `${name} (no longer there)`,
  goneHint: (name: string) => `${name} is no longer there: choose another one.`,
  prompt: 'System prompt',
  promptHint: 'Tells the model who it is and how to answer. It stands in the place of the persona’s.',
  promptPlaceholder: 'You are…',
  promptLength: (length: number, max: number) =>
    `${number.format(length)} of ${number.format(max)} characters`,
  promptTooLong: (length: number, max: number) =>
    `The system prompt is ${characters(length - max)} too long: shorten it to ${number.format(max)} to save it.`,
  sliders: 'How it answers',
  resetAll: 'Reset all',
  resetAllLabel: 'Reset all of how it answers',
  reset: 'Reset',
  resetLabel: (label: string) => `Reset ${label.toLowerCase()} to its default`,
  default: (value: number) => `Default ${number.format(value)}`,
  asNumber: (label: string) => `${label}, as a number`,
  outOfRange: (label: string, { min, max, whole }: ParameterRange) =>
    `${label} must be a ${whole ? 'whole ' : ''}number from ${number.format(min)} to ${number.format(max)}.`,
} as const;

export const PARAMETER_SAID: Readonly<
  Record<ParameterName, { readonly label: string; readonly hint: string }>
> = {
  temperature: {
    label: 'Temperature',
    hint: 'Higher is more surprising; 0 always takes the likeliest word.',
  },
  top_k: { label: 'Top-k', hint: 'Choose among this many likeliest tokens; 0 keeps all.' },
  top_p: { label: 'Top-p', hint: 'Choose among the likeliest tokens that together have this probability.' },
  min_p: { label: 'Min-p', hint: 'Drop tokens below this share of the likeliest one.' },
  repeat_penalty: { label: 'Repetition penalty', hint: 'Above 1 avoids saying the same again; 1 is off.' },
  max_tokens: { label: 'Longest answer', hint: 'In tokens; a token is about three quarters of a word.' },
};
