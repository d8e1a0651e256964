import type { ComponentType } from 'preact';
import { KeysSection } from './keys/keys-section.js';
import { LogExportSection } from './log-export-section.js';
import { ModelsSection } from './models/models-section.js';
import { PlacesSection } from './places/places-section.js';
import { PlatformsSection } from './platforms-section.js';
import { QueueSection } from './queue-section.js';
import { UsersSection } from './users-section.js';

export interface Section {
  /** As `section` in the page's query. */
  readonly name: string;
  readonly title: string;
  readonly Content: ComponentType;
}

/** In the order of the navigation; the first is shown where none is asked for. */
export const SECTIONS = [
  { name: 'platforms', title: 'Platforms', Content: PlatformsSection },
  { name: 'places', title: 'Places', Content: PlacesSection },
  { name: 'users', title: 'Users', Content: UsersSection },
  { name: 'models', title: 'Models', Content: ModelsSection },
  { name: 'queue', title: 'Queue', Content: QueueSection },
  { name: 'keys', title: 'API keys', Content: KeysSection },
  { name: 'log-export', title: 'Log export', Content: LogExportSection },
] as const satisfies readonly Section[];
