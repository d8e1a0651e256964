import { render } from 'preact';
import { Shell } from './shell/shell.js';
import { applyTheme } from './state/theme.js';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';

applyTheme();
const root = document.querySelector('#page');
if (root) render(<Shell />, root);
