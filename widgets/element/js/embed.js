/**
 * The one script of a page: defines the elements and brings each to its first, usable view.
 *
 * A view is HTML that the gateway rendered; the element puts it into its shadow root, and only the visitor's intent
 * (or an idle page) loads the WebAssembly that takes the same nodes over. What must be small is here; what can wait
 * is in `app.js` (takes over with WebAssembly) and `plain.js` (where that is not possible).
 */
import { CrmElement } from './element.js';

/** `path` is the address of its view, of the site and a function that gives an attribute. */
const define = (tag, path) => {
  // A second script on the page, of whichever version, finds the tag taken and leaves it alone.
  if (!customElements.get(tag)) customElements.define(tag, class extends CrmElement { path = path; });
};

define('crm-contact', (site, of) => `contact/${site}/${of('form')}?`);
define('crm-booking', (site, of) => `booking/${site}?service=${of('service')}&department=${of('department')}&`);
