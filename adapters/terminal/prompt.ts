import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

export interface TerminalInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
}

export interface TerminalOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface PromptOptions {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  /** A person types: there is a prompt, editing, history and Ctrl-C. Otherwise each line is a message. */
  readonly interactive: boolean;
  readonly prompt: string;
  readonly complete: (line: string) => Promise<readonly string[]>;
  readonly onInterrupt: () => void;
  /** The person closed the input (Ctrl-D). What is still to be answered is dropped when interactive. */
  readonly onClose: () => void;
}

interface Message {
  readonly text: string;
  readonly echoed: boolean;
}

/** Terminals that know it put marks around what is pasted, so that its line breaks send nothing. */
const PASTE_MARKS_ON = '\x1b[?2004h';
const PASTE_MARKS_OFF = '\x1b[?2004l';

/** What a person types, message by message; pasted lines are one message. */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #readline: Interface;
  readonly #messages: Message[] = [];
  #lines: string[] = [];
  /** Whether the person saw the lines as they typed them. */
  #echoed = true;
  #pasting = false;
  #sending = false;
  #closed = false;
  #over = false;
  #asking = false;
  #wake: () => void = () => {};

  constructor(options: PromptOptions) {
    this.#options = options;
    const { input, output, interactive } = options;
    this.#readline = createInterface({
      input,
      output: interactive ? this.#echo(output) : undefined,
      terminal: interactive,
      prompt: options.prompt,
      historySize: 200,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        options.complete(line).then(
          (found) => done(null, [[...found], line]),
          () => done(null, [[], line]),
        );
      },
    });
    this.#readline.on('line', (line) => this.#takeLine(line));
    this.#readline.on('SIGINT', () => options.onInterrupt());
    this.#readline.on('close', () => {
      this.#closed = true;
      options.onClose();
      this.#wake();
    });
    if (!interactive) return;
    input.on('keypress', this.#onKey);
    if (output.isTTY) output.write(PASTE_MARKS_ON);
  }

  /** The next message; null once there are no more. */
  async next(): Promise<string | null> {
    const { interactive, output } = this.#options;
    if (this.#closed && this.#messages.length === 0) return null;
    this.#asking = true;
    if (interactive && !this.#closed) this.#readline.prompt(true);
    while (this.#messages.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = this.#messages.shift();
    if (!message) return null;
    this.#asking = false;
    if (interactive && !message.echoed) output.write(`${message.text}\n`);
    return message.text;
  }

  close(): void {
    const { input, output, interactive } = this.#options;
    if (this.#over) return;
    this.#over = true;
    this.#readline.close();
    input.removeListener('keypress', this.#onKey);
    if (interactive && this.#asking) output.write('\n');
    if (interactive && output.isTTY) output.write(PASTE_MARKS_OFF);
  }

  readonly #onKey = (_text: unknown, key: { readonly name?: string } | undefined) => {
    if (key?.name === 'paste-start') this.#pasting = true;
    if (key?.name === 'paste-end') this.#pasting = false;
  };

  #takeLine(line: string): void {
    this.#echoed = this.#asking && (this.#echoed || this.#lines.length === 0);
    this.#lines.push(line);
    if (this.#pasting) return; // Enter after the paste sends it
    if (!this.#options.interactive) {
      this.#send();
    } else if (!this.#sending) {
      this.#sending = true;
      // Without marks, the lines of one paste arrive in one piece.
      setImmediate(() => {
        this.#sending = false;
        if (!this.#pasting) this.#send();
      });
    }
  }

  #send(): void {
    const text = this.#lines.join('\n').trim();
    this.#lines = [];
    if (text !== '') this.#messages.push({ text, echoed: this.#echoed });
    else if (this.#asking && this.#options.interactive) this.#readline.prompt();
    this.#wake();
  }

  /** While a reply is written, what the person types is kept but not shown in its midst. */
  #echo(output: TerminalOutput): NodeJS.WritableStream {
    const shown = new Writable({
      decodeStrings: false,
      write: (chunk: string | Uint8Array, _encoding, done) => {
        if (this.#asking) output.write(chunk);
        done();
      },
    });
    return Object.defineProperty(shown, 'columns', { get: () => output.columns });
  }
}
