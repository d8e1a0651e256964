/** What the page of numbers says to people. */
export const SAID = {
  title: 'Numbers',
  days: 'Days are those of UTC. A turn counts on the day it was asked.',
  range: 'Range of days',
  lastDays: (days: number) => `${days} days`,
  from: 'From',
  to: 'To',
  show: 'Show',
  platform: 'Platform',
  model: 'Model',
  allPlatforms: 'All platforms',
  allModels: 'All models',
  names: 'Name people',
  wrongDay: 'Enter both days, as in 2026-11-21.',
  wrongOrder: 'The first day must not come after the last: swap them.',
  tooMany: (most: number) => `That is more than ${most} days: choose a shorter range.`,
  loading: 'Adding up…',
  loaded: (turns: string, from: string, to: string) => `${turns} turns from ${from} to ${to}.`,
  empty: 'Nobody asked anything in these days. Choose a longer range, or take a filter back.',
  again: 'Try again',
  table: 'As a table',
  tableOf: (title: string) => `${title}, as a table`,
  csv: 'Download as CSV',
  csvOf: (title: string) => `Download as CSV: ${title}`,
  plot: (title: string, from: string, to: string) =>
    `${title}, from ${from} to ${to}. Each figure stands in the table below.`,
  legend: 'Lines: press one to hide it or show it again',
  day: 'Day',
  noModel: 'No model chosen',
  noPersona: 'Not known',
  noName: 'Name forgotten',
  half: 'Half of them',
  most: '95 of 100',
} as const;

/** Each figure: its heading, and what exactly it shows. */
export const FIGURES = {
  turns: ['Turns a day', 'Questions asked, with or without an answer, by platform.'],
  users: ['People a day', 'Who asked at least once that day, by platform.'],
  firstToken: ['Time to first token', 'From the request to the model until its first token.'],
  firstText: [
    'Time to first visible text',
    'From the question until the platform showed text of the answer.',
  ],
  speed: ['Speed', 'Tokens of replies for each second a model wrote.'],
  tokens: ['Tokens a day', 'As the models counted them.'],
  cache: ['Cache hits', 'Share of the prompts’ tokens that a model had read before.'],
  failed: [
    'Failed turns a day',
    'Those that got a notice in place of an answer, and those nobody got to answer.',
  ],
  length: ['Turns of a conversation a day', 'How often one conversation went on in one day.'],
  models: ['Models', 'Tokens, speed and estimated cost; costs by the prices in parley.config.yaml.'],
  outcomes: ['Outcomes', 'What became of the turns, and why some failed.'],
  feedback: ['Feedback', 'Votes of people by model and persona.'],
  people: ['People', 'Who asked most in these days, 50 at most.'],
} as const satisfies Readonly<Record<string, readonly [title: string, says: string]>>;

export const LINES = {
  prompt: 'Prompts',
  cached: 'Of these, from the cache',
  reply: 'Replies',
  speed: 'Tokens a second',
  cache: 'Cache hits',
  failed: 'Failed',
} as const;

export const TILES = {
  turns: 'Turns',
  users: 'People',
  conversations: 'Conversations',
  length: 'Turns of a conversation, half and 95 of 100',
  tokens: 'Tokens',
  cost: 'Estimated cost',
  firstText: 'First visible text, half of them',
  cache: 'Cache hits',
  failed: 'Failed',
  votes: 'Good votes',
} as const;

export const COLUMNS = {
  model: 'Model',
  persona: 'Persona',
  turns: 'Turns',
  prompt: 'Prompt tokens',
  cached: 'Cached',
  reply: 'Reply tokens',
  replaced: 'Replaced',
  speed: 'Tokens/s',
  cost: 'Cost',
  outcome: 'Outcome',
  share: 'Share',
  up: 'Good',
  down: 'Bad',
  name: 'Name',
  tokens: 'Tokens',
} as const;

export const OUTCOMES = {
  done: 'Answered',
  failed: 'Failed',
  cancelled: 'Stopped',
  open: 'Not answered yet',
} as const;
