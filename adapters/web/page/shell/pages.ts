import type { ComponentType } from 'preact';

export interface Page {
  /** As the server serves it. */
  readonly path: string;
  readonly title: string;
  /** Each page is a file of its own, which loads when it is opened. */
  readonly load: () => Promise<ComponentType>;
}

/** The pages, in the order of the navigation. */
export const PAGES: readonly Page[] = [
  { path: '/', title: 'Chat', load: async () => (await import('../chat/chat-page.js')).ChatPage },
  {
    path: '/compare',
    title: 'Compare',
    load: async () => (await import('../compare/compare-page.js')).ComparePage,
  },
  {
    path: '/numbers',
    title: 'Numbers',
    load: async () => (await import('../numbers/numbers-page.js')).NumbersPage,
  },
  { path: '/admin', title: 'Admin', load: async () => (await import('../admin/admin-page.js')).AdminPage },
  {
    path: '/reference',
    title: 'API',
    load: async () => (await import('../reference/reference-page.js')).ReferencePage,
  },
];
