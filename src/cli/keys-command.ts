import { type Command, InvalidArgumentError } from 'commander';
import { API_KEY_LIMIT_RANGES, API_KEY_NAME_LENGTH, type ApiKeyLimits } from '../domain/api-key.js';
import { ExpectedFailure } from '../domain/failure.js';
import { type ApiKeyStore, type ListedApiKey, MOST_API_KEYS } from '../ports/settings/api-keys.js';
import type { ConsoleOutput } from './console-output.js';

export interface KeysContext {
  readonly keys: ApiKeyStore;
  readonly output: ConsoleOutput;
}

/** Adds `parley keys list|add|revoke`. @param onKeys - opens the database, does the work, and closes it */
export function addKeysCommands(
  program: Command,
  onKeys: (work: (context: KeysContext) => Promise<void>) => Promise<void>,
): void {
  const keys = program.command('keys').description('API keys for programs');
  keys
    .command('list')
    .description('every API key, those in force first')
    .action(() => onKeys(listKeys));
  keys
    .command('add')
    .argument('<name>', 'which program it is for', readName)
    .option('--turns-per-minute <n>', 'questions of all who ask with it', readLimit('turnsPerMinute'))
    .option('--tokens-per-day <n>', 'tokens of all who ask with it', readLimit('tokensPerDay'))
    .description('make an API key; it is printed once and stored nowhere')
    .action((name: string, limits: Partial<ApiKeyLimits>) =>
      onKeys((context) => addKey(name, limits, context)),
    );
  keys
    .command('revoke')
    .argument('<id>', 'as the list has it', readId)
    .description('take an API key out of force, in every process within 10 s')
    .action((id: number) => onKeys((context) => revokeKey(id, context)));
}

async function listKeys({ keys, output }: KeysContext): Promise<void> {
  const listed = await keys.list();
  if (listed.length === 0) output.out('There is no API key; make one with "parley keys add NAME".');
  for (const key of listed) output.out(lineOf(key));
}

async function addKey(
  name: string,
  { turnsPerMinute = null, tokensPerDay = null }: Partial<ApiKeyLimits>,
  { keys, output }: KeysContext,
): Promise<void> {
  const made = await keys.make(name, { turnsPerMinute, tokensPerDay });
  if (!made) {
    const most = MOST_API_KEYS.toLocaleString('en');
    throw new ExpectedFailure(
      'bad-input',
      `There are ${most} API keys in force; revoke one that is not used any more.`,
    );
  }
  // What may be piped is the key alone.
  output.err(`Key ${made.made.id} for ${made.made.name}. Keep it: it is shown this once and stored nowhere.`);
  output.out(made.key);
}

async function revokeKey(id: number, { keys, output }: KeysContext): Promise<void> {
  const revoked = await keys.revoke(id);
  if (revoked) return output.out(lineOf(revoked));
  throw new ExpectedFailure(
    'bad-input',
    `There is no API key ${id}; "parley keys list" shows those there are.`,
  );
}

function lineOf({ id, shown, name, limits, lastUsedAt, revokedAt }: ListedApiKey): string {
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const { turnsPerMinute, tokensPerDay } = limits;
  return [
    String(id).padStart(4),
    shown,
    name,
    revokedAt ? `revoked ${day(revokedAt)}` : lastUsedAt ? `last used ${day(lastUsedAt)}` : 'never used',
    ...(turnsPerMinute === null ? [] : [`${turnsPerMinute} questions a minute`]),
    ...(tokensPerDay === null ? [] : [`${tokensPerDay} tokens a day`]),
  ].join('  ');
}

function readName(given: string): string {
  const name = given.trim();
  if (name !== '' && name.length <= API_KEY_NAME_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(name)) return name;
  throw new InvalidArgumentError(`It takes one line of 1 to ${API_KEY_NAME_LENGTH} characters.`);
}

function readLimit(limit: keyof typeof API_KEY_LIMIT_RANGES) {
  const most = API_KEY_LIMIT_RANGES[limit];
  return (given: string): number => {
    const number = Number(given);
    if (/^\d+$/.test(given) && number >= 1 && number <= most) return number;
    throw new InvalidArgumentError(`It takes a whole number from 1 to ${most}.`);
  };
}

function readId(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new InvalidArgumentError('It takes the number that "parley keys list" shows first.');
}
