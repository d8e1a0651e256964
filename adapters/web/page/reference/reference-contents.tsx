import type { OperationGroup } from './openapi-document.js';
import { SAID } from './sentences.js';

interface ReferenceContentsProps {
  readonly groups: readonly OperationGroup[];
  readonly search: string;
  readonly onSearch: (text: string) => void;
}

/** The calls by their addresses, and where to search them. */
export function ReferenceContents({ groups, search, onSearch }: ReferenceContentsProps) {
  const count = groups.reduce((sum, { operations }) => sum + operations.length, 0);
  return (
    <div class="contents">
      <search>
        <label for="search">{SAID.search}</label>
        <input
          id="search"
          type="search"
          autocomplete="off"
          placeholder={SAID.searchHint}
          value={search}
          onInput={(event) => onSearch(event.currentTarget.value)}
        />
      </search>
      <p class="fact-line" role="status">
        {SAID.found(count)}
      </p>
      <nav aria-label={SAID.contents}>
        {groups.map(({ id, title, operations }) => (
          <div key={id}>
            <a class="group" href={`#${id}`}>
              {title}
            </a>
            <ul>
              {operations.map(({ operationId, method, path }) => (
                <li key={operationId}>
                  <a href={`#${operationId}`}>
                    <span class="method" data-method={method}>
                      {method}
                    </span>
                    <span class="path">{path.replace(/^\/api/, '')}</span>
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
        <a class="group" href="#objects">
          {SAID.schemas}
        </a>
      </nav>
    </div>
  );
}
