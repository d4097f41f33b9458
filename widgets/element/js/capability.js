/** The capability in the page's address, `#apt_….TOKEN`. */

const find = () => /^#(apt_[0-9a-f]{32}\.[\w-]+)$/.exec(location.hash)?.[1];

// A link to another appointment that is opened in this page changes the fragment alone.
addEventListener('hashchange', () => find() && location.reload());

/**
 * Takes it out of the address, for the first who can use it: where WebAssembly does not start, that is the plain way.
 * @returns {string | undefined}
 */
export const capability = () => {
  const found = find();
  if (found) history.replaceState(history.state, '', location.pathname + location.search);
  return found;
};
