/** Whether the page's content security policy lets WebAssembly run. */

/**
 * A refused attempt would be reported to the web master as a violation, so the policy is read first: from the page's
 * own answer in the browser's cache (never from the network) and from its `meta` elements. Where the answer is not
 * to be had, it counts as permitted; the attempt then fails without harm.
 */
export const permitsWasm = async () => {
  const policies = [...document.querySelectorAll('meta[http-equiv="Content-Security-Policy" i]')];
  const texts = policies.map((meta) => meta.content);
  try {
    const page = await fetch(location.href, { cache: 'only-if-cached', mode: 'same-origin' });
    texts.push(...(page.headers.get('content-security-policy') ?? '').split(','));
  } catch {
    // Not in the cache.
  }
  return texts.every(permits);
};

/** Whether one policy permits it: directives as in Content Security Policy Level 3. */
export const permits = (policy) => {
  const directives = policy.toLowerCase().split(';').map((directive) => directive.trim().split(/\s+/));
  const sources = (name) => directives.find((directive) => directive[0] === name);
  const scripts = sources('script-src') ?? sources('default-src');
  return !scripts || /'(wasm-)?unsafe-eval'/.test(scripts.join(' '));
};
