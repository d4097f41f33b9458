/** Where the script came from, and the files that were built with it. */

/* global __ASSETS__ -- written in by the build: name → SHA-256 in base64 */

const script = new URL(import.meta.url);

/** Site of the script's address (`embed.js?site=clinic`), for elements that name none. */
export const defaultSite = script.searchParams.get('site') ?? '';

/** The gateway that served the script, for elements that name none. Ends with a slash. */
export const defaultGateway = new URL('.', script).href;

const once = {};

/** Calls `make` once per name, for all elements of the page; a failure is forgotten, so that it can be tried again. */
export const shared = (name, make) =>
  (once[name] ??= make().catch((error) => {
    delete once[name];
    throw error;
  }));

/** Fetches a file of the build, named after its hash. Any other bytes, an error's too, make the fetch itself fail. */
const fetchAsset = (name, extension, hash = __ASSETS__[name]) => {
  const file = `assets/${name}-${hash.replace(/\W/g, '')}.${extension}`;
  return fetch(defaultGateway + file, { integrity: `sha256-${hash}` });
};

/**
 * Imports a script; of one that is not named here the view says the hash. Not every browser takes an integrity with an import, so the same address is
 * fetched with one first; its answer never changes and is what the import then finds in the cache.
 */
export const load = (name, hash) => shared(name, async () => import((await fetchAsset(name, 'js', hash)).url));

/**
 * A style, what all elements share or what a view names, as a list of one; of none where it cannot be had. Made of fetched
 * text, it needs no permission of the page's policy.
 */
export const style = (name = 'style', hash) =>
  shared(name, async () => {
    const sheet = new CSSStyleSheet();
    const response = await fetchAsset(name, 'css', hash);
    sheet.replaceSync(await response.text());
    return [sheet];
  }).catch(() => []);
