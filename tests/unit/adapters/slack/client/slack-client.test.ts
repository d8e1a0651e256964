import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  sdkLogger,
  slackClient,
  slackClientOptions,
} from '../../../../../adapters/slack/client/slack-client.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { SlackDouble } from '../../../../doubles/slack/slack-double.js';

let slack: SlackDouble | undefined;
afterEach(() => slack?.stop());

describe('trap: options that the SDK writes into', () => {
  test('two teams that share options each use their own token', async () => {
    slack = await SlackDouble.start();
    const options = slackClientOptions({ apiUrl: slack.apiUrl, log: new RecordedLog() });
    const clients = ['xoxb-team-one', 'xoxb-team-two'].map((token) => new WebClient(token, options));
    for (const client of clients) await client.auth.test().catch(() => {});
    expect(slack.calls.map((call) => call.token)).toEqual(['xoxb-team-one', 'xoxb-team-two']);
  });

  test('each client has retry settings of its own, which retry nothing', () => {
    const api = { log: new RecordedLog() };
    const [one, two] = [slackClientOptions(api), slackClientOptions(api)];
    expect(one.retryConfig).toEqual({ retries: 0 });
    expect(one.retryConfig).not.toBe(two.retryConfig);
    expect(one).not.toHaveProperty('headers');
  });
});

test('a method that names another address does not carry the token there', async () => {
  slack = await SlackDouble.start();
  const seen: unknown[] = [];
  const elsewhere = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('{"ok":true}');
  });
  onTestFinished(() => void elsewhere.close());
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const { port } = elsewhere.address() as AddressInfo;
  const client = slackClient(slack.botToken, { apiUrl: slack.apiUrl, log: new RecordedLog() });
  await expect(client.apiCall(`http://127.0.0.1:${port}/steal`)).rejects.toThrow();
  expect(seen).toEqual([]);
});

test('lines of the SDK reach the log without tokens, and its chatter does not', () => {
  const log = new RecordedLog();
  const logger = sdkLogger(log);
  logger.debug('body of a message');
  logger.info('body of a message');
  logger.warn('token xoxb-123-abc and xapp-1-2', new Error('with a message in it'));
  expect(log.everything).not.toMatch(/body|xoxb-123|xapp-1|with a message/);
  expect(log.lines).toHaveLength(1);
});
