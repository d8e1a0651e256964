import { ExpectedFailure } from '../../src/domain/failure.js';
import { Engine } from './engine.js';
import { loadModel } from './load-model.js';
import { type FromEngine, type LoadOptions, ToEngine } from './protocol.js';
import { StateCache } from './state-cache.js';

/*
 * The process that owns one local model. It speaks over IPC only, holds no secret, and ends with its parent:
 * when that one is killed the channel closes.
 */

const send = (message: FromEngine): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

let engine: Engine | null = null;

process.on('message', (raw) => {
  const message = ToEngine.parse(raw);
  if (message.type === 'load') {
    load(message.options).catch(refuse);
  } else if (message.type === 'shutdown') {
    leave();
  } else if (message.type === 'retire') {
    retire();
  } else if (engine !== null) {
    try {
      handle(engine, message);
    } catch (error) {
      if (!('id' in message)) throw error;
      const failure = `The prompt could not be read with the model's chat template: ${String(error)}`;
      send({ type: 'failed', id: message.id, kind: 'provider-rejected', message: failure });
    }
  }
});
process.on('disconnect', leave);
// Ctrl-C, a closed terminal and service managers reach every process of the group; the parent decides when this one
// ends.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => undefined);

function handle(running: Engine, message: Exclude<ToEngine, { type: 'load' | 'retire' | 'shutdown' }>): void {
  switch (message.type) {
    case 'count':
      send({ type: 'counted', id: message.id, tokens: running.count(message.prompt) });
      break;
    case 'generate':
      running.generate(message);
      break;
    case 'abort':
      running.abort(message.id);
      break;
    case 'forget':
      running.forget(message.cacheKey).then(
        () => send({ type: 'forgotten', id: message.id }),
        (error: unknown) => {
          const failure = `A state could not be deleted: ${String(error)}`;
          send({ type: 'failed', id: message.id, kind: 'setup', message: failure });
        },
      );
      break;
    case 'ping':
      send({ type: 'pong', id: message.id, stats: running.stats() });
      break;
  }
}

async function load(options: LoadOptions): Promise<void> {
  const loaded = await loadModel(
    options,
    (level, message) => send({ type: 'log', level, message }),
    (progress) => send({ type: 'loading', progress }),
  );
  let states: StateCache | null = null;
  if (options.stateCache !== null) {
    const { folder, maxBytes } = options.stateCache;
    states = new StateCache(folder, loaded.stateKey, maxBytes);
    await states.open();
  }
  engine = new Engine(loaded, states, send);
  send({ type: 'ready', info: loaded.info });
}

/** The parent ends this process once it has read why. */
function refuse(error: unknown): void {
  const refused: FromEngine =
    error instanceof ExpectedFailure && error.kind !== 'delivery-failed'
      ? { type: 'refused', kind: error.kind, message: error.message }
      : {
          type: 'refused',
          kind: 'provider-rejected',
          message: `The model could not be loaded: ${String(error)}`,
        };
  send(refused);
}

function retire(): void {
  const saved = engine?.saveWarm() ?? Promise.resolve();
  // What could not be saved is evaluated again.
  saved.then(leave, leave);
}

/** At once, without the library's own clean-up: that was seen to never return, and the process owns nothing else. */
function leave(): void {
  process.kill(process.pid, 'SIGKILL');
}
