import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { createSlackAdapter } from '../../../../../adapters/slack/create-slack-adapter.js';
import { createSeveralWorkspacesDelivery } from '../../../../../adapters/slack/delivery/several-workspaces-delivery.js';
import { Installations } from '../../../../../adapters/slack/workspaces/installations.js';
import type { SlackOAuthOptions } from '../../../../../adapters/slack/workspaces/oauth-installer.js';
import { memoryEditBudget } from '../../../../../src/exchange/memory-edit-slots.js';
import { COMMANDS } from '../../../../../src/pipeline/commands/definitions.js';
import type { Clock } from '../../../../../src/ports/process/clock.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import type { Database } from '../../../../../src/storage/database/database.js';
import { aesSecretBox } from '../../../../../src/storage/settings/aes-secret-box.js';
import { PrismaInstallationStore } from '../../../../../src/storage/settings/installation-store.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { RecordingInbox } from '../../../../doubles/recorders/recording-inbox.js';
import { installApp } from '../../../../doubles/slack/install-app.js';
import { SlackDouble } from '../../../../doubles/slack/slack-double.js';
import { openTestDatabase } from '../../../../fixtures/open-test-database.js';

export interface OpenOptions {
  readonly keys?: readonly string[];
  readonly oauth?: Partial<SlackOAuthOptions>;
  readonly clock?: Clock;
}

/** Slack with several workspaces and the bot beside it. For the surrounding file: the database is opened once. */
export function openWorkspaces() {
  let database: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.stop());

  async function open(options: OpenOptions = {}) {
    await database.pool.query('DELETE FROM installation');
    const { clock = systemClock, keys = [randomBytes(32).toString('base64')] } = options;
    const acme = await SlackDouble.start({ retryDelaysMs: [0, 0] });
    onTestFinished(() => acme.stop());
    const globex = acme.addWorkspace('Globex');
    const inbox = new RecordingInbox();
    const log = new RecordedLog();
    const store = new PrismaInstallationStore(database.prisma, aesSecretBox(keys));
    const { apiUrl } = acme;
    /** What one process knows of the installations. */
    const newInstallations = () =>
      new Installations({
        store,
        api: { apiUrl, log },
        abandon: (target) => inbox.abandon(target),
        clock,
        log,
      });
    const installations = newInstallations();
    const adapter = createSlackAdapter({
      apiUrl,
      installations,
      oauth: { ...acme.client, stateSecret: null, mayInstall: 'everyone', ...options.oauth },
      receiver: { mode: 'http', signingSecret: acme.signingSecret, port: 0, host: '127.0.0.1' },
      ...inbox.ports,
      commands: COMMANDS,
      admins: [],
      log,
      clock,
    });
    await adapter.start();
    onTestFinished(() => adapter.stop());
    const url = `http://127.0.0.1:${adapter.status().port}`;
    acme.eventsUrl = `${url}/slack/events`;
    const delivery = (known = newInstallations()) =>
      createSeveralWorkspacesDelivery({
        installations: known,
        apiUrl,
        log,
        clock,
        stopTurn: async () => {},
        budget: memoryEditBudget(systemClock),
      });
    const install = (workspace: SlackDouble, organisation: readonly SlackDouble[] = []) =>
      installApp(url, workspace, organisation);
    return {
      acme,
      globex,
      inbox,
      log,
      store,
      installations,
      newInstallations,
      adapter,
      url,
      delivery,
      install,
    };
  }

  return { open, database: () => database };
}

/** A person asks in a channel of a workspace, and the inbox has it. */
export async function ask(workspace: SlackDouble, inbox: RecordingInbox, text = 'hello') {
  const ada = workspace.person('Ada');
  const channel = workspace.channel('general', [ada]);
  workspace.mention(ada, channel, text);
  await workspace.delivered();
  const message = inbox.messages.find(({ address }) => address.channel === channel.id);
  if (!message) throw new Error('nothing was handed in');
  return { ada, channel, target: JSON.parse(JSON.stringify(message.target)) };
}
