import { Command } from 'commander';
import type { Role } from '../compose/role.js';
import { configWarnings } from '../config/config-warnings.js';
import { loadConfig } from '../config/load-config.js';
import { maskSecrets } from '../config/mask-secrets.js';
import type { ParleyConfig } from '../config/parley-config.js';
import { ExpectedFailure } from '../domain/failure.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { ApiKeyStore } from '../ports/settings/api-keys.js';
import { catalogOfConfig } from './catalog-of-config.js';
import type { ConsoleOutput } from './console-output.js';
import type { DoctorOptions } from './doctor/doctor.js';
import { describeEnd, EXIT } from './exit-code.js';
import { addKeysCommands } from './keys-command.js';
import { checkModels, listModels, type ModelsContext, pullModels } from './models-command.js';
import { barReporter, lineReporter, type ProgressReporter } from './progress-reporter.js';
import type { RunOptions } from './run-options.js';

export interface CommandLine {
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly output: ConsoleOutput;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  createLog(level: string): Log;
  /** The long-running commands: loaded when called, so that the short ones start fast. */
  start(options: RunOptions): Promise<void>;
  role(role: Role, options: RunOptions): Promise<void>;
  chat(options: RunOptions): Promise<void>;
  /** Opens the database for work on API keys alone, and closes it. */
  apiKeys(
    config: ParleyConfig,
    options: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
    work: (keys: ApiKeyStore) => Promise<void>,
  ): Promise<void>;
  /** Resolves to whether everything that matters is right. */
  doctor(config: ParleyConfig | Error, options: DoctorOptions): Promise<boolean>;
}

const ROLES: readonly (readonly [Role, string])[] = [
  ['gateway', 'takes messages in from Discord and Slack'],
  ['worker', 'runs models and writes replies'],
  ['web', 'serves the HTTP API'],
];

/**
 * Runs one command.
 *
 * @param argv - as in `process.argv`, from the third element
 * @returns the exit code; nothing is thrown
 */
export async function runCommandLine(argv: readonly string[], line: CommandLine): Promise<number> {
  let code: number = EXIT.done;
  const program = commands(line, (failed) => {
    code = failed;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    const end = describeEnd(error, line.signal.aborted);
    if (end.text !== null) line.output.err(end.text);
    return end.code;
  }
}

function commands(line: CommandLine, setCode: (code: number) => void): Command {
  const { env, cwd, output, signal } = line;
  const config = () => loadConfig({ env, cwd });
  const running = async (quiet = false) => {
    const loaded = await config();
    const log = line.createLog(quiet && loaded.logLevel === 'info' ? 'warn' : loaded.logLevel);
    for (const warning of configWarnings(loaded)) log.warn({}, warning);
    const progress = progressReporter(line);
    return { config: loaded, log, output, signal, clock: line.clock, env, progress };
  };
  /** Being asked to stop is how these commands end, at whatever moment it comes. */
  const untilAsked = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  const program = new Command('parley')
    .description('A self-hosted LLM chat bot for Discord and Slack.')
    .version(line.version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.err(text.trimEnd()),
    })
    .showSuggestionAfterError();

  program
    .command('start')
    .description('run the bot until it is stopped: all roles in one process')
    .action(async () => untilAsked(line.start(await running())));

  for (const [role, description] of ROLES) {
    program
      .command(role)
      .description(`run one role of a fleet: ${description}`)
      .action(async () => untilAsked(line.role(role, await running())));
  }

  program
    .command('chat')
    .description('talk to it in the terminal')
    // Between a person and the model, what only informs is noise, and lands in the line being typed.
    .action(async () => line.chat(await running(output.barStream !== null)));

  program
    .command('doctor')
    .description('check everything a person gets wrong, and say how to mend it')
    .action(async () => {
      const loaded = await config().catch((error: unknown) => {
        if (error instanceof ExpectedFailure) return error;
        throw error;
      });
      const log = line.createLog('silent');
      const right = await line.doctor(loaded, { log, output, signal, clock: line.clock, env });
      if (!right) setCode(EXIT.failed);
    });

  program
    .command('config')
    .description('print the effective configuration, secrets masked')
    .action(async () => output.out(JSON.stringify(maskSecrets(await config()), null, 2)));

  const models = program.command('models').description('the models and their files');
  const onModels = async (work: (context: ModelsContext) => Promise<void>) => {
    const loaded = await config();
    const progress = progressReporter(line);
    const log = line.createLog(loaded.logLevel);
    const catalog = catalogOfConfig(loaded, { clock: line.clock, log, env });
    try {
      await work({ catalog, defaultModel: loaded.defaultModel, output, progress, signal });
    } finally {
      progress.stop();
    }
  };
  models
    .command('list')
    .description('every alias, and whether its file is here')
    .action(() => onModels(listModels));
  models
    .command('pull')
    .argument('[alias...]', 'the default model where none is named')
    .description('get the files of models, of any size')
    .action((aliases: string[]) => onModels((context) => pullModels(aliases, context)));
  models
    .command('check')
    .argument('[alias...]', 'all that are here where none is named')
    .description('read whole model files and compare their checksums')
    .action((aliases: string[]) => onModels((context) => checkModels(aliases, context)));

  addKeysCommands(program, async (work) => {
    const loaded = await config();
    const log = line.createLog(loaded.logLevel === 'info' ? 'warn' : loaded.logLevel);
    await line.apiKeys(loaded, { clock: line.clock, log, signal }, (keys) => work({ keys, output }));
  });
  return program;
}

/** A bar where a person watches, lines elsewhere. */
function progressReporter({ output, clock }: Pick<CommandLine, 'output' | 'clock'>): ProgressReporter {
  return output.barStream === null ? lineReporter(output.err, clock) : barReporter(output.barStream, clock);
}
