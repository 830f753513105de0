// Draws an answer from plain data: every text enters as a text node, so nothing in it can be markup.
const ITEM = /^\s*(?:[-*•]|\d+[.)])\s+/;

function bold(parent, text) {
  text.split(/\*\*(.+?)\*\*/).forEach((part, i) => {
    if (!part) return;
    if (i % 2) {
      const strong = document.createElement("strong");
      strong.textContent = part;
      parent.append(strong);
    } else parent.append(document.createTextNode(part));
  });
}

function button(kind, label, open) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = kind;
  element.setAttribute("aria-label", label);
  element.title = label;
  element.onclick = open;
  return element;
}

function write(parent, sentence, look) {
  let paragraph = parent.lastElementChild;
  sentence.text.split("\n").forEach((line, i) => {
    const shown = line.replace(/^#+\s+/, "").trim();
    if (!shown) {
      if (i > 0) paragraph = null;
      return;
    }
    if (!paragraph || i > 0 || ITEM.test(shown)) {
      paragraph = document.createElement("p");
      if (ITEM.test(shown)) paragraph.className = "item";
      parent.append(paragraph);
    }
    const isChinese = /[。！？；]$/.test(paragraph.dataset.last || "");
    if (paragraph.hasChildNodes() && !isChinese) paragraph.append(document.createTextNode(" "));
    const span = document.createElement("span");
    if (sentence.unsourced) {
      span.className = "unsourced";
      span.title = look.unsourced;
    }
    bold(span, shown);
    paragraph.dataset.last = shown;
    paragraph.append(span);
  });
  if (!paragraph) return;
  for (const number of sentence.citations) {
    const chip = button("chip", look.labels.get(number) || String(number), look.open(number));
    chip.textContent = number;
    paragraph.append(chip);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".answer");
  root.replaceChildren();
  const look = {
    labels: new Map(data.sources.map((source) => [source.number, source.label])),
    open: (number) => () => setTriggerValue("opened", number),
    unsourced: data.unsourced_label,
  };
  const body = document.createElement("div");
  root.append(body);
  data.sentences.forEach((sentence) => write(body, sentence, look));
  if (data.quotes.length) {
    const label = document.createElement("p");
    label.className = "label";
    label.textContent = data.quotes_label;
    const block = document.createElement("blockquote");
    root.append(label, block);
    data.quotes.forEach((quote) => write(block, quote, look));
  }
  if (!data.sources.length) return;
  const list = document.createElement("div");
  list.className = "sources";
  for (const source of data.sources) {
    const entry = button("source", source.label, look.open(source.number));
    const number = document.createElement("b");
    number.textContent = source.number;
    entry.append(number, document.createTextNode(source.label));
    list.append(entry);
  }
  root.append(list);
}
