import createPurifier from 'dompurify';

const TAGS = [
  ...['a', 'p', 'br', 'hr', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code'],
  ...['em', 'strong', 'del', 'div', 'span', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];
const MATH_TAGS = [
  ...['math', 'semantics', 'annotation', 'mrow', 'mi', 'mo', 'mn', 'ms', 'mtext', 'mspace', 'msup', 'msub'],
  ...['msubsup', 'mfrac', 'msqrt', 'mroot', 'mover', 'munder', 'munderover', 'mtable', 'mtr', 'mtd'],
  ...['mpadded', 'mphantom', 'menclose', 'mstyle', 'mmultiscripts', 'mprescripts', 'none'],
];
const MATH_ATTRIBUTES = [
  ...['display', 'mathvariant', 'stretchy', 'fence', 'separator', 'form', 'lspace', 'rspace', 'accent'],
  ...['accentunder', 'displaystyle', 'scriptlevel', 'linethickness', 'width', 'height', 'depth', 'voffset'],
  ...['largeop', 'movablelimits', 'symmetric', 'minsize', 'maxsize', 'columnalign', 'rowspacing'],
];

/** What a reply may be made of: no script, style, form, frame or picture, and links to the web and to mail alone. */
export function sanitize(html: string): DocumentFragment {
  return createPurifier.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'target', 'rel', 'class', 'start', 'data-language', 'data-display'],
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
    // Of those allowed, only href holds an address.
    ADD_URI_SAFE_ATTR: ['target', 'rel', 'start', 'data-language', 'data-display'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}

/** The same for a formula, which is MathML. */
export function sanitizeMath(markup: string): DocumentFragment {
  return createPurifier.sanitize(markup, {
    ALLOWED_TAGS: MATH_TAGS,
    ALLOWED_ATTR: MATH_ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
