import common from 'highlight.js/lib/common';

/** Some forty languages. Large: load it when there is code to colour. */
export const highlighter = common;
