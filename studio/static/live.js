// What the server sees changes the page in place: parts that it rendered, or the log of a step as text.
"use strict";

const followed = document.querySelector("[data-news]");
const problem = document.getElementById("news-problem");

function tell(sentence) {
  if (!problem) return;
  problem.textContent = sentence;
  problem.hidden = !sentence;
}

// The part as the server renders it; what had the focus gets it again.
function put(name, html) {
  const place = document.getElementById(`part-${name}`);
  if (!place || place.dataset.last === html) return;
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.innerHTML = html;
  place.dataset.last = html;
  if (focused) document.getElementById(focused)?.focus();
}

function write(log) {
  const place = document.getElementById("log");
  const atEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 4;
  place.textContent = log;
  if (atEnd) place.scrollTop = place.scrollHeight;
}

if (followed) {
  const news = new EventSource(followed.dataset.news);
  news.addEventListener("news", (event) => {
    const { problem: sentence, parts, log, next } = JSON.parse(event.data);
    tell(sentence);
    for (const [name, html] of Object.entries(parts ?? {})) put(name, html);
    if (log !== undefined) write(log);
    if (next) location.assign(next);
  });
  news.addEventListener("end", () => news.close());
  news.addEventListener("error", () => tell("The server does not answer; trying again."));
}

// A step of the graph leads to its own page.
const graph = document.getElementById("part-graph");

function open(event) {
  const step = event.target.closest("[data-step]");
  if (step) location.assign(graph.dataset.steps + encodeURIComponent(step.dataset.step));
}

if (graph) {
  graph.addEventListener("click", open);
  graph.addEventListener("keydown", (event) => {
    if (event.key === "Enter") open(event);
  });
}

const end = document.querySelector("[data-news] #log");
if (end) end.scrollTop = end.scrollHeight;
