/** Loaded for the popup and launcher modes: a native dialog around the view, and what opens it. */

import { say } from './events.js';

/** Words for the two buttons. All others come with the view, but these are there before it. */
const WORDS = { en: ['Contact us', 'Close'], 'zh-CN': ['联系我们', '关闭'], 'zh-TW': ['聯絡我們', '關閉'] };

const wordsOf = (lang) => {
  if (!/^zh/i.test(lang)) return WORDS.en;
  return WORDS[/hant|tw|hk|mo/i.test(lang) ? 'zh-TW' : 'zh-CN'];
};

const button = (part, text) => {
  const button = document.createElement('button');
  button.type = 'button';
  button.part = part;
  button.append(text);
  return button;
};

/**
 * Fills `root` with a closed dialog and its trigger. In `launcher` mode that is our own button. In `popup` mode it is
 * what the element contains, so a link to the hosted page, which works before any script, opens the dialog afterwards.
 * @returns {HTMLDialogElement}
 */
export const buildDialog = (host, root, lang) => {
  const [contact, close] = wordsOf(lang);
  const label = host.getAttribute('label') ?? contact;
  const trigger =
    host.getAttribute('mode') === 'launcher' ? button('launcher', label) : document.createElement('slot');
  const closer = button('close', '×');
  closer.ariaLabel = close;
  const dialog = document.createElement('dialog');
  dialog.part = 'dialog';
  dialog.ariaLabel = label;
  dialog.append(closer);
  trigger.addEventListener('click', (event) => {
    event.preventDefault();
    host.open();
  });
  closer.addEventListener('click', () => dialog.close());
  // The dialog itself has no padding: what is pressed on it, and not inside it, is the backdrop.
  dialog.addEventListener('pointerdown', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('close', () => say(host, 'crm-close'));
  root.replaceChildren(trigger, dialog);
  return dialog;
};
