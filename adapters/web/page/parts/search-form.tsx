import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface SearchFormProps {
  readonly label: string;
  /** @param text - trimmed; empty for all */
  readonly onSearch: (text: string) => void;
  /** More to choose by, beside the text. */
  readonly children?: ComponentChildren;
}

/** Searches on Enter, on its button, and when its text is taken away. */
export function SearchForm({ label, onSearch, children }: SearchFormProps) {
  const id = useId();
  return (
    <search>
      <form
        class="tools"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(String(new FormData(event.currentTarget).get('search') ?? '').trim());
        }}
      >
        <div class="field">
          <label for={id}>{label}</label>
          <input
            id={id}
            type="search"
            name="search"
            maxLength={200}
            onInput={({ currentTarget: { value } }) => value === '' && onSearch('')}
          />
        </div>
        {children}
        <button type="submit" class="button">
          Search
        </button>
      </form>
    </search>
  );
}
