// Search over the index of the manual: HRGs, roots, chapters and lists by name or by words, codes with or without dot.
"use strict";

const MOST = 200;
const box = document.querySelector("nav input");

function codes(kind, folder, text, found) {
  const code = text.toUpperCase().replaceAll(".", "");
  if (!/^[A-Z][0-9]{1,2}[0-9X]{0,2}$/.test(code)) return;
  const pairs = MANUAL[folder].split(" ");
  for (let place = 0; place + 1 < pairs.length && found.length < MOST; place += 2) {
    const one = pairs[place];
    if (one.startsWith(code)) found.push([one, `${kind}, ${pairs[place + 1]}`, `${folder}/${one.slice(0, MANUAL.page)}.html#${one}`]);
  }
}

function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  if (!words.length) return found;
  const whole = words.join(" ");
  const groups = [...MANUAL.chapters, ...MANUAL.roots, ...MANUAL.hrgs];
  const rows = [...groups, ...MANUAL.lists];
  found.push(...groups.filter(([name]) => name.toLowerCase().startsWith(whole)));
  codes("ICD-10", "icd10", text.trim(), found);
  codes("OPCS-4", "opcs4", text.trim(), found);
  const seen = new Set(found);
  for (const row of rows) {
    if (found.length >= MOST) break;
    const spoken = `${row[0]} ${row[1]}`.toLowerCase();
    if (!seen.has(row) && words.every((word) => spoken.includes(word))) found.push(row);
  }
  return found;
}

function show(text) {
  const found = search(text);
  document.getElementById("found").hidden = !text.trim();
  const most = found.length >= MOST ? `the first ${MOST}` : String(found.length);
  document.getElementById("found-title").textContent = `Found for “${text.trim()}”: ${most}`;
  document.getElementById("found-list").replaceChildren(
    ...found.slice(0, MOST).map(([name, label, address]) => {
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.href = address;
      link.textContent = name;
      line.append(link, " ", label);
      return line;
    }),
  );
}

function asked() {
  return new URLSearchParams(location.search).get("q") ?? new URLSearchParams(location.hash.slice(1)).get("q") ?? "";
}

box.addEventListener("input", () => show(box.value));
box.form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(box.value);
});
window.addEventListener("hashchange", () => show((box.value = asked())));
show((box.value = asked()));
