import type { CommandDefinition } from '../../src/domain/commands.js';
import { readTypedValues, splitTypedCommand } from '../../src/pipeline/commands/read-typed-values.js';
import { ApiClient, type ChatEvent, ChatFailure } from './api-client.js';
import { printable, showBold } from './printable.js';
import { Prompt, type TerminalInput, type TerminalOutput } from './prompt.js';

/** Where the conversation's id is kept between runs. */
export interface ConversationKeeper {
  load(): Promise<string | null>;
  save(conversationId: string | null): Promise<void>;
}

export interface TerminalChatOptions {
  /** `web.fetch` of this process, or a real `fetch` to a running server. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Where that server is; any name will do in this process. */
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly userId: string;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly conversation: ConversationKeeper;
  /** Calls `listener` on SIGINT where the terminal does not hand Ctrl-C to us; returns how to stop that. */
  readonly onInterrupt?: (listener: () => void) => () => void;
  /** Ends the chat. */
  readonly signal?: AbortSignal;
}

/** What became of the chat: a script that pipes questions in wants to know. */
export interface ChatResult {
  readonly failures: number;
}

/**
 * A chat in the terminal until the person leaves: Ctrl-D, `/exit`, or Ctrl-C at the prompt. Ctrl-C during a reply
 * stops it. Where the input is no terminal, each line is answered and the end of the input ends the chat.
 */
export async function runTerminalChat(options: TerminalChatOptions): Promise<ChatResult> {
  return new TerminalChat(options).run();
}

/** Commands of the terminal alone. */
const OWN_COMMANDS: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'new', description: 'Begin a new conversation; the old one is kept' },
  { name: 'exit', description: 'Leave (Ctrl-D does too)' },
];

const GREETING = 'Ask something. /help lists the commands; Ctrl-C stops a reply, and leaves at the prompt.';

class TerminalChat {
  readonly #options: TerminalChatOptions;
  readonly #client: ApiClient;
  readonly #prompt: Prompt;
  readonly #interactive: boolean;
  readonly #color: boolean;
  readonly #left = new AbortController();
  #reply: AbortController | null = null;
  #conversationId: string | null = null;
  #turnId: number | null = null;
  #definitions: readonly CommandDefinition[] | null = null;
  #failures = 0;

  constructor(options: TerminalChatOptions) {
    const { fetch, userId, apiKey, input, output, baseUrl = 'http://localhost' } = options;
    this.#options = options;
    this.#client = new ApiClient({ fetch, userId, baseUrl, ...(apiKey !== undefined && { apiKey }) });
    this.#interactive = input.isTTY === true;
    this.#color = output.isTTY === true && !process.env['NO_COLOR'];
    this.#prompt = new Prompt({
      input,
      output,
      interactive: this.#interactive,
      prompt: this.#color ? '\x1b[1m>\x1b[0m ' : '> ',
      complete: (line) => this.#complete(line),
      onInterrupt: () => this.#interrupt(),
      onClose: () => {
        if (this.#interactive) this.#leave();
      },
    });
  }

  async run(): Promise<ChatResult> {
    const { conversation, signal, onInterrupt } = this.#options;
    const leave = () => this.#leave();
    if (signal?.aborted) leave();
    signal?.addEventListener('abort', leave, { once: true });
    const ignoreInterrupts = onInterrupt?.(() => this.#interrupt());
    try {
      this.#conversationId = await conversation.load();
      if (this.#interactive) this.#say(GREETING);
      while (!this.#left.signal.aborted) {
        const message = await this.#prompt.next();
        if (message === null || this.#left.signal.aborted) break;
        await this.#handle(message);
      }
    } finally {
      ignoreInterrupts?.();
      signal?.removeEventListener('abort', leave);
      this.#prompt.close();
    }
    return { failures: this.#failures };
  }

  /** Stops the reply; leaves where there is none. */
  #interrupt(): void {
    if (this.#reply && !this.#reply.signal.aborted) this.#reply.abort();
    else this.#leave();
  }

  #leave(): void {
    if (this.#left.signal.aborted) return;
    this.#left.abort();
    this.#reply?.abort();
    this.#prompt.close();
  }

  async #handle(message: string): Promise<void> {
    const reply = new AbortController();
    this.#reply = reply;
    try {
      const command = message.startsWith('/') ? splitTypedCommand(message.slice(1)) : null;
      if (command) await this.#runCommand(command.name, command.rest, reply.signal);
      else await this.#show(this.#client.ask(message, this.#conversationId, reply.signal), reply.signal);
    } catch (error) {
      if (reply.signal.aborted) return this.#say('(stopped)');
      if (!(error instanceof ChatFailure)) throw error;
      this.#failures += 1;
      this.#say(error.message);
    } finally {
      this.#reply = null;
    }
  }

  async #runCommand(name: string, rest: string, signal: AbortSignal): Promise<void> {
    if (name === 'exit' || name === 'quit') return this.#leave();
    if (name === 'new') return this.#beginAnew();
    if (name === 'retry') return this.#retry(signal);
    const definitions = await this.#commands(signal);
    if (name === 'help') return this.#help(definitions);
    const definition = definitions.find((each) => each.name === name);
    if (!definition) throw new ChatFailure(`There is no command /${name}; /help lists them.`);
    const answer = await this.#client.run(
      name,
      readTypedValues(definition, rest),
      this.#conversationId,
      signal,
    );
    if (answer.type === 'answer') return this.#show(Promise.resolve(answer.events), signal);
    await this.#keep(answer.conversationId);
    this.#write(`${showBold(printable(answer.text), this.#color)}\n`);
  }

  async #retry(signal: AbortSignal): Promise<void> {
    const conversationId = this.#conversationId;
    if (conversationId !== null) this.#turnId ??= await this.#client.lastTurn(conversationId, signal);
    if (conversationId === null || this.#turnId === null) {
      throw new ChatFailure('There is no message to answer again.');
    }
    await this.#show(this.#client.regenerate(this.#turnId, conversationId, signal), signal);
  }

  async #beginAnew(): Promise<void> {
    this.#conversationId = null;
    this.#turnId = null;
    await this.#options.conversation.save(null);
    this.#say('A new conversation.');
  }

  #help(definitions: readonly CommandDefinition[]): void {
    const lines = [...definitions, ...OWN_COMMANDS].map(({ name, description }) => {
      const options = definitions.find((each) => each.name === name)?.options ?? [];
      const usage = options.map((option, index) => (index === 0 ? `[${option.name}]` : `[${option.name}=…]`));
      return `/${[name, ...usage].join(' ')}\n    ${description}`;
    });
    this.#write(`${lines.join('\n')}\nCtrl-C stops a reply, and leaves at the prompt.\n`);
  }

  /** Writes a reply as it comes. */
  async #show(answer: Promise<AsyncIterable<ChatEvent>>, signal: AbortSignal): Promise<void> {
    const waiting = this.#color ? '\x1b[2m…\x1b[0m' : '';
    let line = waiting; // what the waiting line shows, to be wiped
    this.#write(line);
    const wipe = () => {
      if (line !== '') this.#write('\r\x1b[K');
      line = '';
    };
    let written = false;
    try {
      for await (const event of await answer) {
        signal.throwIfAborted();
        if (event.type === 'accepted') {
          await this.#keep(event.conversationId);
          this.#turnId = event.turnId;
        } else if (event.type === 'queued') {
          if (written || !this.#color) continue;
          wipe();
          line = `\x1b[2m… ${event.ahead} before this one\x1b[0m`;
          this.#write(line);
        } else if (event.type === 'delta') {
          wipe();
          written = true;
          this.#write(printable(event.text));
        } else if (event.type === 'reset') {
          if (written) this.#say('\n(beginning again)');
        } else {
          wipe();
          this.#write('\n');
          if (event.finishReason === 'length') this.#say('(cut off at the length limit)');
          if (event.finishReason === 'stopped') this.#say('(stopped)');
        }
      }
    } catch (error) {
      wipe();
      if (written) this.#write('\n');
      throw error;
    }
  }

  async #keep(conversationId: string): Promise<void> {
    if (this.#conversationId === conversationId) return;
    this.#conversationId = conversationId;
    await this.#options.conversation.save(conversationId);
  }

  async #commands(signal: AbortSignal): Promise<readonly CommandDefinition[]> {
    this.#definitions ??= await this.#client.commands(signal);
    return this.#definitions;
  }

  async #complete(line: string): Promise<readonly string[]> {
    const model = /^\/model\s+(\S*)$/.exec(line)?.[1];
    const { signal } = this.#left;
    if (model !== undefined) {
      const models = await this.#client.models(signal);
      return models.filter((alias) => alias.startsWith(model)).map((alias) => `/model ${alias}`);
    }
    if (!/^\/\S*$/.test(line)) return [];
    const names = [...(await this.#commands(signal)), ...OWN_COMMANDS].map(({ name }) => `/${name}`);
    return names.filter((name) => name.startsWith(line));
  }

  /** A word of the chat's own, told from the model's by being dim. */
  #say(text: string): void {
    this.#write(this.#color ? `\x1b[2m${text}\x1b[0m\n` : `${text}\n`);
  }

  #write(text: string): void {
    if (text !== '') this.#options.output.write(text);
  }
}
