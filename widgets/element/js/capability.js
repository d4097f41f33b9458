/** The capability in the page's address, `#apt_….TOKEN`: taken out of it at once, and given to the first who asks. */

const take = () => {
  const found = /^#(apt_[0-9a-f]{32}\.[\w-]+)$/.exec(location.hash)?.[1];
  if (found) history.replaceState(history.state, '', location.pathname + location.search);
  return found;
};

let known = take();

/** @returns {string | undefined} */
export const capability = () => {
  const given = known;
  known = undefined;
  return given;
};
