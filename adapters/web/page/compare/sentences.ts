/** What the comparison says to people. */
export const SAID = {
  title: 'Compare',
  first: 'First model',
  second: 'Second model',
  fresh: 'New comparison',
  loading: 'Loading…',
  empty: 'One question, two models',
  emptyMore: 'Both answer at the same time. Then say which answer is better.',
  talk: 'Comparison',
  alone: (alias: string) =>
    `Only one model is set up here: ${alias}. To compare, add another under \`models\` in parley.config.yaml, then start Parley again.`,
  noModel: 'No model is set up here: add two under `models` in parley.config.yaml, then start Parley again.',
  about: (runs: 'local' | 'hosted', state: string) =>
    `${runs === 'local' ? 'on this machine' : 'hosted'}${STATES[state] ?? ''}`,
  notAsked: 'This model was not asked.',
  /** The same model on both sides. */
  twice: (alias: string, side: 'first' | 'second') => `${alias} (${side})`,
  answer: (name: string, number: number) => (number === 1 ? name : `${name}, question ${number}`),
  stop: (name: string) => `Stop ${name}`,
  better: 'This one is better',
  betterOf: (name: string) => `This one is better: ${name}`,
  both: 'Both answers',
  bothGood: 'Both are good',
  bothBad: 'Both are bad',
  /** Kept with the vote. */
  comment: (alias: string) => `compared with ${alias}`,
} as const;

const STATES: Readonly<Record<string, string>> = {
  loading: ', loading',
  'not-downloaded': ', not downloaded: pull it under Admin, Models',
  unavailable: ', cannot answer now',
};
