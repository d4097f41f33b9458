/** Makes the links of what a gateway rendered its own: it writes them as they are at its own pages. */
export const absolute = (root, gateway) => {
  for (const link of root.querySelectorAll('a[href^="/"]')) link.href = new URL(link.getAttribute('href'), gateway);
};
