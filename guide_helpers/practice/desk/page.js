// Follows a practice API: asks once a second what there is, and shows it. Nothing is changed from here.
"use strict";

const TOKEN = new URLSearchParams(location.search).get("token") || "";
const EVERY = 1000, SLOWLY = 5000, PATIENCE = 12;
const shown = {};
let misses = 0, timer = 0;

const at = (id) => document.getElementById(id);
const count = (number) => Number(number).toLocaleString("en");
const usd = (text) => `$${text}`;

function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children.filter((each) => each !== null));
  return element;
}

function clockTime(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

function duration(seconds) {
  if (seconds < 0.05) return "full";
  if (seconds < 90) return `full in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 5400) return `full in ${Math.round(seconds / 60)} min`;
  return `full in ${Math.round(seconds / 3600)} h`;
}

// Draw a part of the page only when what it shows is new, so that nobody's selection or reader is disturbed.
function part(name, data, draw) {
  const text = JSON.stringify(data);
  if (shown[name] === text) return;
  shown[name] = text;
  draw(data);
}

function cell(className, label, ...children) {
  const made = make("td", className, ...children);
  made.setAttribute("role", "cell");
  if (label) made.dataset.label = label;
  return made;
}

function rows(id, data, draw) {
  at(`all-${id}`).hidden = !data.length;
  at(`no-${id}`).hidden = Boolean(data.length);
  at(id).tBodies[0].replaceChildren(...data.map((each) => {
    const row = make("tr", "", ...draw(each));
    row.setAttribute("role", "row");
    return row;
  }));
}

function items(id, data, draw) {
  at(id).hidden = !data.length;
  at(`no-${id}`).hidden = Boolean(data.length);
  at(id).replaceChildren(...data.map((each) => make("li", "", ...draw(each))));
}

function request(each) {
  const none = each.tokens_in === null ? "number nothing" : "number";
  const status = each.error ? `${each.status} ${each.error}` : `${each.status}`;
  const path = make("span", "mono", make("span", "method", each.method), ` ${each.path}`);
  return [
    cell("when", "", clockTime(each.at)),
    cell("path", "", path, each.model ? " " : null, each.model ? make("span", "mono method", each.model) : null),
    cell(each.status < 400 ? "good" : "bad wrap", "", status),
    cell("mono", "", each.key),
    cell(none, "tokens", each.tokens_in === null ? "–" : `${count(each.tokens_in)} + ${count(each.tokens_out)}`),
    cell(none, "cost", each.cost === null ? "–" : usd(each.cost)),
    cell("number", "ms", count(each.ms)),
  ];
}

function key(each) {
  return [
    cell("name wrap", "", each.name),
    cell("mono", "", each.masked),
    cell("", "", each.kind),
    cell(each.state === "works" ? "good" : "bad", "", each.state),
    cell("when", "last used", each.used === null ? "never" : clockTime(each.used)),
    cell("number", "requests", count(each.requests)),
  ];
}

function refusal(each) {
  return [
    make("span", "when", clockTime(each.at)), " ",
    make("span", "bad", each.error ? `${each.status} ${each.error}` : `${each.status}`), " ",
    make("span", "mono", `${each.method} ${each.path}`), ": ", each.cause,
  ];
}

function play(each) {
  const words = [each.left === null ? "until it is stopped" : each.left === 1 ? "once more" : `${each.left} times more`];
  if (each.share !== null) words.push(`${Math.round(each.share * 1000) / 10} % of the requests`);
  if (each.key !== null) words.push(`with the key “${each.key}”`);
  if (each.path !== null) words.push(`at ${each.path}`);
  return [make("strong", "mono", each.name), `: ${words.join(", ")}`];
}

// Bars stay where they are and only change their width, so that they drain and refill smoothly.
const bars = new Map();

function bar(name, label) {
  if (!bars.has(name)) {
    const fill = make("div", "fill"), groove = make("div", "groove", fill);
    groove.setAttribute("role", "meter");
    groove.setAttribute("aria-valuemin", "0");
    groove.setAttribute("aria-label", label);
    const words = make("span", "words"), rest = make("span", "rest");
    bars.set(name, { fill, groove, words, rest, whole: make("div", "bar", words, rest, groove) });
  }
  return bars.get(name);
}

function buckets(data) {
  at("no-buckets").hidden = Boolean(data.length);
  part("which buckets", data.map((each) => [each.organization, each.project, each.model]), () => {
    bars.clear();
    at("buckets").replaceChildren(...data.map((each) => {
      const owner = each.project ? ` (project ${each.project})` : "";
      const drawn = each.bars.map((one) => bar(nameOf(each, one), `${each.model}: ${one.short}`).whole);
      return make("div", "", make("h3", "mono", `${each.model}${owner}`), ...drawn);
    }));
  });
  for (const each of data) for (const one of each.bars) {
    const { fill, groove, words, rest } = bar(nameOf(each, one), "");
    const per = one.short.endsWith("D") ? "day" : "minute";
    fill.style.width = `${one.most ? (100 * one.left) / one.most : 0}%`;
    fill.classList.toggle("low", one.left * 5 < one.most);
    groove.setAttribute("aria-valuemax", one.most);
    groove.setAttribute("aria-valuenow", one.left);
    groove.setAttribute("aria-valuetext", `${count(one.left)} of ${count(one.most)} left`);
    words.textContent = `${count(one.left)} of ${count(one.most)} ${one.unit} per ${per}`;
    rest.textContent = duration(one.full_in);
  }
}

function nameOf(bucket, one) {
  return [bucket.organization, bucket.project, bucket.model, one.short].join("\n");
}

function money(data) {
  at("money").replaceChildren(...data.map((each) => make("div", "",
    data.length > 1 ? make("h3", "mono", each.organization) : null,
    make("dl", "sums",
      sum("Credit left", each.credit === null ? "without end" : usd(each.credit)),
      sum(`Spent in ${each.month}`, usd(each.spent_this_month)),
      sum("Usage tier", each.tier)),
    spending("This month by project", ["Project"], each.projects.map((one) => [one.name, usd(one.spent)])),
    spending("This month by model", ["Model", "Requests", "Tokens"],
      each.models.map((one) => [one.model, count(one.requests), count(one.tokens), usd(one.cost)])))));
}

function sum(name, value) {
  return make("div", "", make("dt", "", name), make("dd", "", value));
}

function spending(title, names, data) {
  if (!data.length) return null;
  const head = [...names, "Cost"].map((each, place) => {
    const made = make("th", place ? "number" : "", each);
    made.scope = "col";
    return made;
  });
  const body = data.map((row) => make("tr", "", ...row.map((each, place) => make("td", place ? "number" : "wrap", each))));
  return make("table", "", make("caption", "", title), make("thead", "", make("tr", "", ...head)), make("tbody", "", ...body));
}

function show(state) {
  at("now").textContent = `${new Date(state.now * 1000).toISOString().slice(0, 10)} ${clockTime(state.now)}`
    + (state.stopped ? " (stands still)" : "");
  at("count").textContent = count(state.count);
  part("requests", state.requests, (data) => rows("requests", data, request));
  part("keys", state.keys, (data) => rows("keys", data, key));
  part("refusals", state.refusals, (data) => items("refusals", data, refusal));
  part("playing", state.playing, (data) => items("playing", data, play));
  part("money", state.money, money);
  buckets(state.buckets);
}

function say(words, className) {
  const status = at("status");
  if (status.textContent === words) return;
  status.textContent = words;
  status.className = `status ${className}`;
}

async function look() {
  timer = 0;
  try {
    const headers = TOKEN ? { "x-practice-token": TOKEN } : {};
    const answer = await fetch("_practice/state", { headers, cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.json());
    misses = 0;
    say("Running", "live");
  } catch {
    misses += 1;
    if (misses >= PATIENCE) {
      say("The practice API has stopped. Below is what it showed last; reload this page when it runs again.", "gone");
      return;
    }
    if (misses > 1) say("The practice API does not answer. Trying again…", "gone");
  }
  if (!document.hidden) timer = setTimeout(look, misses > 3 ? SLOWLY : EVERY);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !timer && misses < PATIENCE) timer = setTimeout(look, 0);
});
look();
