import { expect, test } from 'vitest';
import { commandPhrasesIn } from '../../../../src/pipeline/commands/command-phrases.js';

const small = {
  alias: 'small',
  description: 'runs anywhere',
  runs: 'local',
  contextWindow: null,
  state: 'not-downloaded',
  isDefault: true,
} as const;

test('the list of models uses words that a person reads', () => {
  expect(commandPhrasesIn('en').model(small, true)).toBe(
    '- **small** (local, not downloaded yet, answers here): runs anywhere',
  );
  expect(commandPhrasesIn('en').model({ ...small, runs: 'hosted', state: 'ready' }, false)).toBe(
    '- **small** (hosted): runs anywhere',
  );
  expect(commandPhrasesIn('zh').model(small, false)).toBe('- **small**（本地，尚未下载）：runs anywhere');
});
