// Puts Streamlit's own English words into the user's language, tells the browser which language and
// which theme that is, and gives the navigation's list the roles that its markup lacks. Text and label
// are changed in place, so that React keeps its nodes, and the original stays known for a change back.
const TEXTS = [
  '[data-testid="stFileUploaderDropzone"] button p',
  '[data-testid="stFileUploaderDropzoneInstructions"] span',
  '[data-testid="stFileUploaderDropzone"] > div > span:only-child',
  '[data-testid="stTooltipErrorContent"] :is(p, strong)',
  '[data-testid="stTooltipContent"] :is(p, strong)', // not what is hovered over: a button with a hint is such, too
  '[role="listbox"] *',
  '[data-testid="stSkipToContent"]',
  // When the server is gone; what we put into a dialog stands deeper.
  '[role="dialog"] > h2',
  '[role="dialog"] > div > div',
  '[data-testid="stErrorCodeBlock"] code',
].join(",");
const LABELS = "[aria-label]";
const state = (window.studioWords ??= { rules: [], texts: new WeakMap(), labels: new WeakMap() });

function translated(words) {
  for (const [pattern, template] of state.rules) {
    const match = pattern.exec(words);
    if (match) return template.replace("{0}", match[1] ?? "").replace("{1}", match[2] ?? "");
  }
  return words;
}

// Remembers what Streamlit wrote: whatever differs from our last words is Streamlit's.
function changed(memory, node, now) {
  let entry = memory.get(node);
  if (!entry || entry.ours !== now) entry = { original: now, ours: now };
  entry.ours = translated(entry.original);
  memory.set(node, entry);
  return entry.ours;
}

function mendText(element) {
  for (const node of element.childNodes) {
    if (node.nodeType !== Node.TEXT_NODE || !node.nodeValue.trim()) continue;
    const words = changed(state.texts, node, node.nodeValue);
    if (words !== node.nodeValue) node.nodeValue = words;
  }
}

function mendLabel(element) {
  const now = element.getAttribute("aria-label");
  const words = changed(state.labels, element, now);
  if (words !== now) element.setAttribute("aria-label", words);
}

function mendList(list) {
  list.setAttribute("role", "presentation");
  for (const child of list.children) {
    if (child.tagName === "DIV") child.setAttribute("role", "list");
  }
}

function each(root, selector, mend) {
  if (root.matches?.(selector)) mend(root);
  root.querySelectorAll?.(selector).forEach(mend);
}

function mend(root) {
  each(root, TEXTS, mendText);
  each(root, LABELS, mendLabel);
  each(root, '[data-testid="stSidebarNavItems"]', mendList);
}

function changes(records) {
  for (const record of records) {
    if (record.type === "childList") record.addedNodes.forEach((node) => mend(node));
    // A new text in an old element, or a child of the navigation.
    const element = record.target.nodeType === Node.TEXT_NODE ? record.target.parentElement : record.target;
    if (!element) continue;
    if (record.type === "attributes") mendLabel(element);
    else if (element.matches(TEXTS)) mendText(element);
    else if (element.matches('[data-testid="stSidebarNavItems"]')) mendList(element);
  }
}

// What opens over the page lies outside the app, where only the document tells light from dark.
function takeTheme() {
  const app = document.querySelector('[data-testid="stApp"]');
  const scheme = app ? getComputedStyle(app).colorScheme : "";
  if (document.documentElement.style.colorScheme !== scheme) {
    document.documentElement.style.colorScheme = scheme;
  }
}

export default function ({ data }) {
  document.documentElement.lang = data.language;
  takeTheme();
  state.rules = data.rules.map(([pattern, template]) => [new RegExp(`^${pattern}$`), template]);
  mend(document.body);
  if (state.observer) return;
  state.observer = new MutationObserver(changes);
  state.observer.observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ["aria-label"],
  });
  const app = document.querySelector('[data-testid="stApp"]');
  if (app) new MutationObserver(takeTheme).observe(app, { attributeFilter: ["class"] });
}
