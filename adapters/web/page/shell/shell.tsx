import { useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { refusals } from '../api/call-api.js';
import { address, goWithin } from '../state/navigation.js';
import { loseSession, readSession, session, signOut } from '../state/session.js';
import { chooseTheme, THEMES, type Theme, theme } from '../state/theme.js';
import { PAGES, type Page } from './pages.js';
import { SignIn } from './sign-in.js';

const THEME_LABELS: Readonly<Record<Theme, string>> = { system: 'System', light: 'Light', dark: 'Dark' };

/** What stands around every page. */
export function Shell() {
  const current = PAGES.find(({ path }) => path === address.value.path);
  useEffect(() => {
    void readSession();
  }, []);
  useSignalEffect(() => {
    if (refusals.value > 0) loseSession();
  });
  useEffect(() => {
    document.title = current && current.path !== '/' ? `${current.title} · Parley` : 'Parley';
  }, [current]);

  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <a class="name" href="/" onClick={(event) => goWithin(event, '/')}>
          Parley
        </a>
        <nav aria-label="Pages">
          {PAGES.map(({ path, title }) => (
            <a
              key={path}
              href={path}
              aria-current={path === current?.path ? 'page' : undefined}
              onClick={(event) => goWithin(event, path)}
            >
              {title}
            </a>
          ))}
        </nav>
        <ThemeMenu />
        {session.value === 'signed-in' && (
          <button type="button" class="button plain" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
      </header>
      <main id="content" tabIndex={-1}>
        {(session.value === 'key-needed' || session.value === 'over') && <SignIn />}
        {(session.value === 'open' || session.value === 'signed-in' || session.value === 'over') && (
          // A page whose session is over stays behind the form, with all that was typed in it.
          <div class="opened" hidden={session.value === 'over'}>
            <Opened page={current} key={current?.path} />
          </div>
        )}
      </main>
    </>
  );
}

function ThemeMenu() {
  return (
    <label class="theme">
      <span class="unseen">Theme</span>
      <select
        value={theme.value}
        onChange={(event) => {
          const chosen = THEMES.find((name) => name === event.currentTarget.value);
          if (chosen) chooseTheme(chosen);
        }}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {THEME_LABELS[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

function Opened({ page }: { readonly page: Page | undefined }) {
  const loaded = useSignal<{ readonly Component: ComponentType } | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    page?.load().then(
      (Component) => {
        loaded.value = { Component };
      },
      () => {
        failed.value = true;
      },
    );
  }, [page, loaded, failed]);

  if (!page) return <p class="notice">There is no such page. Choose one above.</p>;
  if (failed.value) return <p class="notice">This page could not be loaded: reload to try again.</p>;
  const { value } = loaded;
  return value && <value.Component />;
}
