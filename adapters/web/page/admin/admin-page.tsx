import type { ComponentType } from 'preact';
import { address, goWithin } from '../state/navigation.js';
import { KeysSection } from './keys/keys-section.js';
import { LogExportSection } from './log-export-section.js';
import { ModelsSection } from './models/models-section.js';
import { PlacesSection } from './places/places-section.js';
import { PlatformsSection } from './platforms-section.js';
import { QueueSection } from './queue-section.js';
import { SAID } from './sentences.js';
import { UsersSection } from './users-section.js';
import '../parts/parts.css';
import './admin.css';

interface Section {
  /** As `section` in the page's query. */
  readonly name: string;
  readonly title: string;
  readonly Content: ComponentType;
}

/** In the order of the navigation; the first is shown where none is asked for. */
const SECTIONS = [
  { name: 'platforms', title: 'Platforms', Content: PlatformsSection },
  { name: 'places', title: 'Places', Content: PlacesSection },
  { name: 'users', title: 'Users', Content: UsersSection },
  { name: 'models', title: 'Models', Content: ModelsSection },
  { name: 'queue', title: 'Queue', Content: QueueSection },
  { name: 'keys', title: 'API keys', Content: KeysSection },
  { name: 'log-export', title: 'Log export', Content: LogExportSection },
] as const satisfies readonly Section[];

/** What an operator sees and changes: a section at a time. */
export function AdminPage() {
  const asked = address.value.query.get('section');
  const { name, title, Content } = SECTIONS.find((section) => section.name === asked) ?? SECTIONS[0];
  return (
    <div class="admin">
      <nav class="sections" aria-label={SAID.sections}>
        {SECTIONS.map((section) => {
          const href = `/admin?section=${section.name}`;
          return (
            <a
              key={section.name}
              href={href}
              aria-current={section.name === name ? 'page' : undefined}
              onClick={(event) => goWithin(event, href)}
            >
              {section.title}
            </a>
          );
        })}
      </nav>
      <div class="section">
        <h1>{title}</h1>
        <Content key={name} />
      </div>
    </div>
  );
}
