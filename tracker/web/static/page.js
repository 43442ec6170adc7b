// Comfort for readers whose browser runs this: times in their own zone, and changes copied as quotations.
// Every page works without it; it asks nobody for anything.
"use strict";

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const withSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const withMinutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const named = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });

const zone = (at) => named.formatToParts(at).find((part) => part.type === "timeZoneName").value;
const clock = (at, said) => (/\d\d:\d\d:\d\d/.test(said) ? withSeconds : withMinutes).format(at);
const moment = (at, said) => `${day.format(at)}, ${clock(at, said)} ${zone(at)}`;
const isElsewhere = (at) => at.getTimezoneOffset() !== 0;
const utcDay = (at) => at.toISOString().slice(0, 10);
const localDay = (at) => utcDay(new Date(at.getTime() - at.getTimezoneOffset() * 60000));

// Two moments in one sentence: the day is said once if it is the same one.
for (const span of document.querySelectorAll(".between")) {
  const times = [...span.querySelectorAll("time")];
  const [after, before] = times.map((time) => new Date(time.dateTime));
  if (times.length === 2 && isElsewhere(before)) {
    const said = span.textContent;
    const together = localDay(after) === localDay(before) && zone(after) === zone(before);
    span.title = said;
    span.textContent = together
      ? `between ${clock(after, said)} and ${clock(before, said)} ${zone(before)} on ${day.format(before)}`
      : `between ${moment(after, said)} and ${moment(before, said)}`;
  }
}

for (const time of document.querySelectorAll("time[datetime]")) {
  const said = time.textContent;
  const at = new Date(time.dateTime);
  if (!said.endsWith(" UTC") || !isElsewhere(at)) continue;
  const alone = /^\d\d:\d\d(:\d\d)? UTC$/.test(said); // under a heading that says the day, in UTC
  time.title = said;
  time.textContent = alone && utcDay(at) === localDay(at) ? `${clock(at, said)} ${zone(at)}` : moment(at, said);
}

// The line of time in an article's page: a day and a time of day stand over each other.
for (const label of document.querySelectorAll("text[data-at]")) {
  const at = new Date(label.dataset.at);
  if (!isElsewhere(at)) continue;
  label.textContent = label.textContent.includes(":") ? clock(at, label.textContent) : shortDay.format(at);
  label.closest("figure").querySelector(".zone").textContent = "Its times are in your own zone.";
}

const words = (element, without) => {
  const copy = element.cloneNode(true);
  for (const part of copy.querySelectorAll(`.sr, .tag, .mark, .quote, ${without}`)) part.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
};

const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Off https and localhost browsers know only the old way.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
};

for (const comparison of document.querySelectorAll(".comparison[data-url]")) {
  const status = document.createElement("p");
  status.className = "copied";
  status.setAttribute("role", "status");
  comparison.append(status);
  for (const mark of comparison.querySelectorAll(".row:not(.kept) > .mark")) {
    const row = mark.parentElement;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quote";
    button.textContent = "“”";
    button.title = "Copy as quotation";
    button.setAttribute("aria-label", "Copy as quotation");
    button.addEventListener("click", async () => {
      const before = words(row.querySelector(".old") ?? row, "ins, .both");
      const after = words(row.querySelector(".new") ?? row, "del, .both");
      const { title, before: seenBefore, after: seenAfter, url } = comparison.dataset;
      const lines = [title];
      lines.push(before ? `Before (${seenBefore}): “${before}”` : `Not in the text before (${seenBefore}).`);
      lines.push(after ? `After (${seenAfter}): “${after}”` : `Not in the text after (${seenAfter}).`);
      lines.push(url + mark.hash);
      await copied(lines.join("\n"));
      status.textContent = "Copied: before, after, times and link.";
      setTimeout(() => { status.textContent = ""; }, 4000);
    });
    mark.after(button);
  }
}
