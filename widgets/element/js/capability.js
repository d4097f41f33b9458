/** The capability in the page's address, `#apt_….TOKEN` or `#wait_….TOKEN`, and the page's history. */

const find = () => /^#((?:apt|wait)_[0-9a-f]{32}\.[\w-]+)$/.exec(location.hash)?.[1];

// A link to another appointment that is opened in this page changes the fragment alone.
addEventListener('hashchange', () => find() && location.reload());

/** What this entry of the history shows: `{step, address}` or `{capability}`, which stays with a reload and is in no address. */
export const shown = () => history.state?.crm ?? {};

/**
 * Notes what is shown, in place of what was.
 * @param {string} [address] the page's own where it is another one
 */
export const show = (crm, address) => history.replaceState({ ...history.state, crm }, '', address);

/**
 * Takes it out of the address, for the first who can use it: where WebAssembly does not start, that is the plain way.
 * @returns {string | undefined}
 */
export const capability = () => {
  const found = find();
  if (found) show({ capability: found }, location.pathname + location.search);
  return shown().capability;
};
