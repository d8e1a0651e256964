import { isEveryAddress, isLoopback } from '../domain/networks.js';
import { type ConfigProblem, variableProblem } from './config-problem.js';
import { ENVIRONMENT, type Environment } from './environment.js';
import { protocolOf } from './field.js';
import { nearestName } from './nearest-name.js';

/** Environment variables as they were set. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

const VARIABLES: readonly string[] = Object.keys(ENVIRONMENT.shape);

/** The real environment over `.env`; what is empty or blank counts as unset. */
export function layEnvironment(env: RawEnvironment, dotenv: RawEnvironment): RawEnvironment {
  const laid: Record<string, string> = {};
  for (const source of [dotenv, env]) {
    for (const [name, value] of Object.entries(source)) {
      if (value !== undefined && value.trim() !== '') laid[name] = value.trim();
    }
  }
  return laid;
}

/** Every variable checked, alone and against the others; `values` is null where any is wrong. */
export function readEnvironment(raw: RawEnvironment): {
  readonly values: Environment | null;
  readonly problems: readonly ConfigProblem[];
} {
  const parsed = ENVIRONMENT.safeParse(raw);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const variable = String(issue.path[0]);
        return variableProblem(variable, raw[variable] ?? '', issue.message);
      });
  problems.push(...combinations(raw));
  return { values: parsed.success && problems.length === 0 ? parsed.data : null, problems };
}

/**
 * Names that look like a misspelt variable of ours.
 *
 * @param mine - names that only Parley can be meant by: those of a `.env` file. Of the rest, `PARLEY_…` alone.
 */
export function misspeltVariables(raw: RawEnvironment, mine: ReadonlySet<string>): ConfigProblem[] {
  return Object.keys(raw).flatMap((name) => {
    if (VARIABLES.includes(name) || !(name.startsWith('PARLEY_') || mine.has(name))) return [];
    const near = nearestName(name, VARIABLES);
    if (near === null || near.length - name.length > 3) return [];
    return [{ where: name, wrong: 'is not a variable that Parley reads', right: `did you mean ${near}?` }];
  });
}

function combinations(raw: RawEnvironment): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add = (where: string, wrong: string, right: string) => problems.push({ where, wrong, right });
  const { PARLEY_HOST, PARLEY_API_KEY, LOGGING_URL } = raw;
  problems.push(...slackCombinations(raw));
  const { DISCORD_PROXY_HOST, DISCORD_PROXY_URL } = raw;
  if (DISCORD_PROXY_HOST && isEveryAddress(DISCORD_PROXY_HOST) && !DISCORD_PROXY_URL)
    add(
      'DISCORD_PROXY_HOST',
      `is "${DISCORD_PROXY_HOST}", which tells no other process where the proxy is`,
      'set DISCORD_PROXY_URL to where they reach it',
    );
  if (PARLEY_HOST && !PARLEY_API_KEY && !isLoopback(PARLEY_HOST))
    add(
      'PARLEY_HOST',
      `is "${PARLEY_HOST}" while PARLEY_API_KEY is unset, so anyone on the network could use the API`,
      'set PARLEY_API_KEY, or use a loopback address such as 127.0.0.1',
    );
  if (LOGGING_URL && protocolOf(LOGGING_URL) === 'http:' && !isLoopback(new URL(LOGGING_URL).hostname))
    add('LOGGING_URL', 'is plain http to another machine', 'should be https: it carries conversations');
  return problems;
}

/** One workspace by its token, or several by OAuth; what belongs to neither is a mistake. */
function slackCombinations(raw: RawEnvironment): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add = (where: string, wrong: string, right: string) => problems.push({ where, wrong, right });
  const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET, SLACK_CLIENT_ID } = raw;
  const { SLACK_CLIENT_SECRET, SLACK_STATE_SECRET, PARLEY_ENCRYPTION_KEY } = raw;
  if (SLACK_BOT_TOKEN && SLACK_CLIENT_ID)
    add(
      'SLACK_CLIENT_ID',
      'is set beside SLACK_BOT_TOKEN',
      'set SLACK_BOT_TOKEN for one workspace, or SLACK_CLIENT_ID for several',
    );
  if (SLACK_BOT_TOKEN && !SLACK_APP_TOKEN && !SLACK_SIGNING_SECRET)
    add(
      'SLACK_BOT_TOKEN',
      'is set alone',
      'set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) too',
    );
  if (SLACK_CLIENT_ID) {
    const needed = { SLACK_CLIENT_SECRET, SLACK_SIGNING_SECRET, PARLEY_ENCRYPTION_KEY };
    for (const [name, value] of Object.entries(needed))
      if (!value) add('SLACK_CLIENT_ID', `is set without ${name}`, `set ${name} too`);
    if (SLACK_APP_TOKEN)
      add('SLACK_APP_TOKEN', 'is set beside SLACK_CLIENT_ID', 'unset it: events come over HTTP then');
    return problems;
  }
  for (const [name, value] of Object.entries({ SLACK_CLIENT_SECRET, SLACK_STATE_SECRET }))
    if (value) add(name, 'is set without SLACK_CLIENT_ID', 'set both, or neither');
  for (const [name, value] of Object.entries({ SLACK_APP_TOKEN, SLACK_SIGNING_SECRET }))
    if (value && !SLACK_BOT_TOKEN) add(name, 'is set without SLACK_BOT_TOKEN', 'set both, or neither');
  return problems;
}
