import { address, goWithin } from '../state/navigation.js';
import { SECTIONS } from './sections.js';
import { SAID } from './sentences.js';
import '../parts/parts.css';
import './admin.css';

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
