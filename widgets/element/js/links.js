/** What of a rendered booking is done by the page itself. */

/** Makes the links of what a gateway rendered its own: it writes them as they are at its own pages. */
export const absolute = (root, gateway) => {
  for (const link of root.querySelectorAll('a[href^="/"]')) link.href = new URL(link.getAttribute('href'), gateway);
};

/** Copies a button's value, and says so. */
export const copy = (pressed, said) => {
  navigator.clipboard?.writeText(pressed.value).then(
    () => (pressed.textContent = said),
    () => {},
  );
};

/** Saves something as a file. */
export const save = (blob, name) => {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
};
