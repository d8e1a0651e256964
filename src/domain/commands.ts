/** One option of a command. On Discord a slash-command option; in text `name=value`, the first one bare. */
export interface CommandOption {
  readonly name: string;
  readonly description: string;
  readonly type: 'text' | 'whole' | 'number' | 'yes-no';
  readonly required?: boolean;
  readonly choices?: readonly string[];
  /** Values are looked up while the person types. */
  readonly suggest?: 'models' | 'personas';
  readonly min?: number;
  readonly max?: number;
}

export interface CommandDefinition {
  readonly name: CommandName;
  readonly description: string;
  readonly options: readonly CommandOption[];
}

export type CommandName =
  | 'ask'
  | 'model'
  | 'settings'
  | 'clear'
  | 'stop'
  | 'retry'
  | 'usage'
  | 'forget-me'
  | 'help';

export type CommandValues = Readonly<Record<string, string | number | boolean>>;
