/** What the admin page says to people. */
export const SAID = {
  sections: 'Administration',
  loading: 'Loading…',

  platformsLead: 'How every gateway stands with the platforms that Parley speaks to.',
  platform: { discord: 'Discord', slack: 'Slack', web: 'Web' },
  connection: {
    connecting: 'Connecting',
    connected: 'Connected',
    resuming: 'Resuming',
    standby: 'Standing by',
    failed: 'Failed',
    stopped: 'Stopped',
  } as Readonly<Record<string, string>>,
  unconnected: 'Not connected',
  reach: {
    discord: (count: string) => `In ${count} servers.`,
    slack: (count: string) => `In ${count} workspaces.`,
  },
  missing: 'What it lacks:',

  usersLead: 'Everybody who ever asked, with the turns and tokens they used.',
  usersLimits: (turns: string, tokens: string) =>
    `Each of them may ask ${turns} a minute and use ${tokens} in 24 hours, unless a place has limits of its own.`,
  questions: (count: string) => `${count} questions`,
  anyQuestions: 'as many questions as they like',
  tokens: (count: string) => `${count} tokens`,
  anyTokens: 'as many tokens as they like',
  usersSearch: 'Search by name or key',
  noUsers: 'Nobody asked yet: whoever asks is listed here.',
  noUsersFound: 'Nobody is found: search for another part of a name or key.',
  forgotten: 'Name forgotten',
  forget: 'Forget',
  forgetLabel: (name: string) => `Forget ${name}`,
  forgetTitle: (name: string) => `Forget ${name}?`,
  forgetMore:
    'All that they sent is erased everywhere, with the replies to it. Their usage stays in the numbers. This cannot be undone.',
  forgetDone: (name: string, turns: string) => `${name} is forgotten. Turns erased: ${turns}.`,

  queueLead: 'What waits, runs and failed over all conversations. It refreshes by itself.',
  queueStates: { waiting: 'Waiting', running: 'Running', failed: 'Failed' },
  queueEmpty: {
    waiting: 'Nothing waits.',
    running: 'Nothing is being answered.',
    failed: 'Nothing failed.',
  },
  showText: 'Show what was asked',
  board: 'Open the queue board',
  retry: 'Retry',
  retryLabel: (id: number) => `Retry turn ${id}`,
  retried: (id: number) => `Turn ${id} waits to be answered again.`,
  modelOfPlace: 'the place’s own',
} as const;
