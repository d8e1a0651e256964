import type { ComponentType } from 'preact';
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
  { name: 'users', title: 'Users', Content: UsersSection },
  { name: 'queue', title: 'Queue', Content: QueueSection },
] as const satisfies readonly Section[];
