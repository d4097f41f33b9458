/**
 * Dispatches one of our events. They bubble out of the page's own shadow roots too; `crm-submit` can be cancelled.
 * @returns {boolean} whether nobody cancelled it
 */
export const say = (host, name, detail = {}) =>
  host.dispatchEvent(
    new CustomEvent(name, { bubbles: true, composed: true, cancelable: name === 'crm-submit', detail }),
  );
