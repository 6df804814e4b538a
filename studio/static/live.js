// What the server sees changes the page in place: parts that it rendered, or the log of a step as text.
"use strict";

const followed = document.querySelector("[data-news]");
const problem = document.getElementById("news-problem");

function tell(sentence) {
  if (!problem) return;
  problem.textContent = sentence;
  problem.hidden = !sentence;
}

// Only what differs is changed: focus, a selection and a click that has begun outlast it, and so does the place where a
// screen reader reads.
function settle(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) {
    old.data = fresh.data;
  } else if (old.nodeType === Node.ELEMENT_NODE && old.nodeName === fresh.nodeName && old.id === fresh.id) {
    for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    const before = [...old.childNodes];
    const after = [...fresh.childNodes];
    after.forEach((child, index) => (index < before.length ? settle(before[index], child) : old.append(child)));
    before.slice(after.length).forEach((child) => child.remove());
  } else {
    old.replaceWith(fresh);
  }
}

// The part as the server renders it; what had the focus gets it again where it stands elsewhere now.
function put(name, html) {
  const place = document.getElementById(`part-${name}`);
  if (!place) return;
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  const ticked = new Set([...place.querySelectorAll("input:checked")].map((each) => each.id));
  const fresh = place.cloneNode(false);
  fresh.innerHTML = html;
  settle(place, fresh);
  for (const each of place.querySelectorAll("input[type=checkbox]")) each.checked = ticked.has(each.id);
  if (focused && document.activeElement.id !== focused) document.getElementById(focused)?.focus();
}

function write(log) {
  const place = document.getElementById("log");
  const known = place.textContent;
  if (log === known) return;
  const atEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 4;
  if (log.startsWith(known)) place.append(log.slice(known.length));
  else place.textContent = log;
  if (atEnd) place.scrollTop = place.scrollHeight;
}

// For a screen reader: what changed, and not the seconds that pass.
function announce(text) {
  const place = document.getElementById("news-said");
  if (place && text && place.textContent !== text) place.textContent = text;
}

let news = null;
let ended = false;

function follow() {
  news = new EventSource(followed.dataset.news);
  news.addEventListener("news", (event) => {
    const { problem: sentence, said, parts, log } = JSON.parse(event.data);
    tell(sentence);
    announce(said);
    for (const [name, html] of Object.entries(parts ?? {})) put(name, html);
    if (log !== undefined) write(log);
  });
  news.addEventListener("end", () => {
    ended = true;
    news.close();
  });
  news.addEventListener("error", () => tell("The server does not answer; trying again."));
}

// A browser holds six connections to one server: only what is looked at may have one of them.
function attend() {
  news?.close();
  if (!ended && document.visibilityState === "visible") follow();
}

if (followed) {
  document.addEventListener("visibilitychange", attend);
  attend();
}

// A graph that is wider than its place shows its middle first.
const graph = document.getElementById("part-graph");
if (graph) graph.scrollLeft = (graph.scrollWidth - graph.clientWidth) / 2;

// Of a log the end says most.
const end = document.getElementById("log");
if (end) end.scrollTop = end.scrollHeight;
