import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { SLACK_SCOPES } from '../../../../../adapters/slack/workspaces/scopes.js';
import { PACKAGE_ROOT } from '../../../../../src/process/compiled-entry.js';

test('the app manifest asks for what the adapter needs, and for no more', () => {
  const manifest = parse(readFileSync(path.join(PACKAGE_ROOT, 'docs/slack-app-manifest.yaml'), 'utf8'));
  expect(manifest.oauth_config.scopes).toEqual({ bot: SLACK_SCOPES });
  expect(manifest.settings.event_subscriptions.bot_events).toEqual([
    'agent_session_stopped',
    'app_home_opened',
    'app_mention',
    'app_uninstalled',
    'message.channels',
    'message.groups',
    'message.im',
    'message.mpim',
    'tokens_revoked',
  ]);
  expect(manifest.settings).toMatchObject({ socket_mode_enabled: true, interactivity: { is_enabled: true } });
  expect(manifest.features.slash_commands).toMatchObject([{ command: '/parley', should_escape: true }]);
});
