import {
  createSlackAdapter,
  type SlackAdapter,
  type SlackAdapterOptions,
} from '../../../../adapters/slack/create-slack-adapter.js';
import { COMMANDS } from '../../../../src/pipeline/commands/definitions.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { RecordingInbox } from '../../../doubles/recorders/recording-inbox.js';
import { SlackDouble, type SlackDoubleOptions } from '../../../doubles/slack/slack-double.js';

export interface SlackSetup {
  readonly slack: SlackDouble;
  readonly inbox: RecordingInbox;
  readonly log: RecordedLog;
  readonly adapter: SlackAdapter;
  stop(): Promise<void>;
}

export type Transport = 'socket' | 'http';

/** A Slack double and an adapter connected to it. */
export async function connectSlack(
  transport: Transport,
  options: { readonly double?: SlackDoubleOptions; readonly adapter?: Partial<SlackAdapterOptions> } = {},
): Promise<SlackSetup> {
  const slack = await SlackDouble.start(options.double);
  const inbox = new RecordingInbox();
  const log = new RecordedLog();
  const adapter = createSlackAdapter({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    receiver:
      transport === 'socket'
        ? { mode: 'socket', appToken: slack.appToken }
        : { mode: 'http', signingSecret: slack.signingSecret, port: 0, host: '127.0.0.1' },
    ...inbox.ports,
    commands: COMMANDS,
    admins: [],
    log,
    clock: systemClock,
    ...options.adapter,
  });
  await adapter.start().catch(async (error: unknown) => {
    await slack.stop();
    throw error;
  });
  if (transport === 'http') slack.eventsUrl = `http://127.0.0.1:${adapter.status().port}/slack/events`;
  const stop = async () => {
    await adapter.stop();
    await slack.stop();
  };
  return { slack, inbox, log, adapter, stop };
}
