const number = new Intl.NumberFormat('en');
const percent = (share: number) => `${Math.floor(share * 100)} %`;

/** What the model menu says to people. */
export const MODEL_SAID = {
  button: (alias: string) => `Model: ${alias}`,
  gone: (alias: string) => `Model: ${alias}, which is no longer there`,
  none: 'Model',
  title: 'Who answers?',
  hint: 'For this conversation, and for new ones.',
  close: 'Close the models',
  reading: 'Reading the models…',
  noModels: 'No model is set up: whoever runs this Parley adds one with npx parley models pull.',
  isDefault: 'Default',
  isGone: (alias: string) => `${alias} is no longer there: choose another model.`,
  local: 'Runs here',
  hosted: 'Hosted elsewhere',
  context: (tokens: number) => `${number.format(tokens)} tokens of context`,
  ready: 'Ready',
  loaded: 'Ready: it is loaded.',
  onDisk: 'Ready: it is loaded with the first question to it.',
  loading: 'Loading: it answers as soon as that is done.',
  loadingAt: (share: number) => `Loading, ${percent(share)}: it answers as soon as that is done.`,
  downloadingAt: (share: number) => `Downloading, ${percent(share)}: it answers as soon as that is done.`,
  notDownloaded:
    'Not downloaded: a small one comes with the first question to it, a large one has to be pulled under Admin first.',
  unavailable: 'Runs on no machine now: choose another one, or try again once a worker with it is started.',
} as const;
