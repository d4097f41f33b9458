/** Getting hold of a first view: rendered nodes, and the definition they were rendered from. */

import { shared } from './assets.js';

/** The view that a document or shadow root holds, or `undefined`. */
export const viewIn = (root) => {
  const data = root?.querySelector('#view');
  return data && { base: root.querySelector('[part~=base]'), view: JSON.parse(data.textContent) };
};

/** The view at a gateway's address. It is fetched once a page; every element has nodes of its own. */
export const fetchView = async (address) => {
  const { base, view } = viewIn(await shared(address, () => fetchDocument(address)));
  return { base: document.importNode(base, true), view };
};

/**
 * XMLHttpRequest parses HTML into a document that runs nothing, and without `innerHTML`: so it works on pages that
 * require Trusted Types.
 */
const fetchDocument = (address) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', address);
    request.responseType = 'document';
    request.onload = () => (request.status === 200 ? resolve(request.response) : reject());
    request.onerror = reject;
    request.send();
  });
